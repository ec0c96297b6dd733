// Command server is a PocketBase with one collection, posts, that everyone may
// read and write. It is a module of its own, since only tests need it.
package main

import (
	"fmt"
	"os"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

func main() {
	app := pocketbase.New()
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		if err := prepare(e.App); err != nil {
			return err
		}
		return e.Next()
	})
	if err := app.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// prepare makes the collection where it is not there yet.
func prepare(app core.App) error {
	if _, err := app.FindCollectionByNameOrId("posts"); err == nil {
		return nil
	}
	posts := core.NewBaseCollection("posts")
	posts.Fields.Add(&core.TextField{Name: "title"}, &core.TextField{Name: "message"}, &core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true})
	posts.ListRule, posts.ViewRule, posts.CreateRule = types.Pointer(""), types.Pointer(""), types.Pointer("")
	return app.Save(posts)
}
