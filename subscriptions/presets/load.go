package presets

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"bellwire/subscriptions"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

//go:embed *.yaml
var embedded embed.FS

// Limits of a folder of presets.
const (
	MaxFile  = 64 << 10 // bytes
	MaxFiles = 200
)

// A Set is the presets there are.
type Set struct {
	list []Preset
	// Broken are files that are no presets; each hides nothing.
	Broken []*FileError
}

// A FileError is what is wrong with a file, and where; Line and Column count
// from 1, and are 0 where that is not known.
type FileError struct {
	File         string
	Line, Column int
	Err          error
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d:%d: %v", e.File, e.Line, e.Column, e.Err)
}

func (e *FileError) Unwrap() error { return e.Err }

// A Check reports what is wrong with a feed that a preset makes, beyond what
// [subscriptions.Feed.Validate] finds.
type Check func(subscriptions.Feed) error

// Load reads Bellwire's presets and a person's from the folder dir, where one
// of the same name hides Bellwire's. A folder that is not there is empty.
// check may be nil.
func Load(dir string, check Check) (*Set, error) {
	s := &Set{}
	if err := s.add(embedded, "", check); err != nil {
		return nil, err
	}
	if len(s.Broken) > 0 {
		return nil, s.Broken[0] // Bellwire's own
	}
	if dir == "" {
		return s, nil
	}
	if err := s.add(os.DirFS(dir), dir, check); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the presets: %w", err)
	}
	return s, nil
}

// add reads a folder; where is what it is called in errors.
func (s *Set) add(files fs.FS, where string, check Check) error {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return err
	}
	if len(names) > MaxFiles {
		return fmt.Errorf("%s has more than %d presets", where, MaxFiles)
	}
	for _, name := range names {
		p, err := read(files, name, check)
		if err != nil {
			e, ok := errors.AsType[*FileError](err)
			if !ok {
				e = &FileError{Err: err}
			}
			e.File = filepath.Join(where, name)
			s.Broken = append(s.Broken, e)
			continue
		}
		p.Own = where != ""
		s.list = slices.DeleteFunc(s.list, func(have Preset) bool { return have.Name == p.Name })
		s.list = append(s.list, p)
	}
	slices.SortFunc(s.list, func(a, b Preset) int { return cmp.Compare(a.Name, b.Name) })
	return nil
}

var fileName = regexp.MustCompile(`^[a-z0-9][-._a-z0-9]*$`)

func read(files fs.FS, name string, check Check) (Preset, error) {
	info, err := fs.Stat(files, name)
	if err != nil {
		return Preset{}, err
	}
	if info.Size() > MaxFile {
		return Preset{}, fmt.Errorf("the file is larger than %d bytes", MaxFile)
	}
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return Preset{}, err
	}
	p, err := Parse(strings.TrimSuffix(path.Base(name), ".yaml"), text)
	if err != nil {
		return Preset{}, err
	}
	if err := p.try(check); err != nil {
		return Preset{}, locate(text, err)
	}
	return p, nil
}

// Parse reads one preset. The error is a [*FileError] without a File.
func Parse(name string, text []byte) (Preset, error) {
	p := Preset{}
	switch {
	case !fileName.MatchString(name):
		return p, &FileError{Err: fmt.Errorf("%q cannot be the name of a preset: small letters, digits, hyphens and dots", name)}
	case !utf8.Valid(text):
		return p, &FileError{Err: fmt.Errorf("the file is not UTF-8")}
	}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return p, broken(err)
	}
	if err := plain(tree); err != nil {
		return p, err
	}
	if err := yaml.UnmarshalWithOptions(text, &p, yaml.Strict(), yaml.UseJSONUnmarshaler()); err != nil {
		return p, broken(err)
	}
	p.Name = name
	if err := p.check(); err != nil {
		return p, locate(text, err)
	}
	return p, nil
}

// broken is an error of the YAML library's as ours: without the drawing of the
// source.
func broken(err error) *FileError {
	e := &FileError{Err: errors.New(firstLine(err.Error()))}
	if y, ok := errors.AsType[yaml.Error](err); ok {
		e.Err = errors.New(firstLine(y.GetMessage()))
		if t := y.GetToken(); t != nil && t.Position != nil {
			e.Line, e.Column = t.Position.Line, t.Position.Column
		}
	}
	return e
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return strings.ToValidUTF8(s[:min(len(s), 300)], "")
}

// plain refuses what a preset has no use for: several documents, and aliases,
// which can make little text very large.
func plain(tree *ast.File) error {
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return &FileError{Err: fmt.Errorf("a preset is one document")}
	}
	v := &aliases{}
	ast.Walk(v, tree.Docs[0].Body)
	if v.found == nil {
		return nil
	}
	at := v.found.GetToken().Position
	return &FileError{Line: at.Line, Column: at.Column, Err: fmt.Errorf("a preset has no anchors and aliases")}
}

type aliases struct{ found ast.Node }

// Visit implements [ast.Visitor].
func (v *aliases) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode:
		v.found = n
	}
	if v.found != nil {
		return nil
	}
	return v
}

// locate finds the place of an error that begins with the path of a setting,
// like mapping.title: or needs[0]:.
func locate(text []byte, err error) error {
	e := &FileError{Err: err}
	setting, _, found := strings.Cut(err.Error(), ":")
	if !found {
		return e
	}
	tree, perr := parser.ParseBytes(text, 0)
	where, yerr := yaml.PathString("$." + strings.ReplaceAll(setting, " ", "_"))
	if perr != nil || yerr != nil {
		return e
	}
	node, ferr := where.FilterFile(tree)
	if ferr != nil || node == nil || node.GetToken() == nil {
		return e
	}
	at := node.GetToken().Position
	e.Line, e.Column = at.Line, at.Column
	return e
}

// All are the presets, by name.
func (s *Set) All() []Preset { return s.list }

// Get is the preset of a name.
func (s *Set) Get(name string) (Preset, bool) {
	for _, p := range s.list {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}

// try makes a feed with p and every option at its default or, where it has
// none, at a value of no consequence.
func (p *Preset) try(check Check) error {
	options := make(map[string]string)
	for _, name := range p.Required() {
		options[name] = "x"
	}
	f, err := p.feed("https://example.org/", options, false)
	if err != nil {
		return err
	}
	for _, n := range p.Needs {
		if !n.Optional {
			f.Auth = append(f.Auth, subscriptions.Credential{By: n.By, Name: n.Name, Secret: anySecret})
		}
	}
	if err := f.Validate(); err != nil {
		return err
	}
	if check == nil {
		return nil
	}
	return check(f)
}
