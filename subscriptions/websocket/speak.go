package websocket

import (
	"context"
	"time"

	"bellwire/subscriptions"

	"github.com/coder/websocket"
)

// answerTimeout is how long a server may take to accept an answer.
const answerTimeout = 10 * time.Second

// greet sends the opening frames. Nothing is read meanwhile: they fit in what
// lies between any two peers.
func (c *connection) greet(ctx context.Context) error {
	if c.target.Talk == nil {
		return nil
	}
	answers, err := c.target.Talk.Open()
	if err != nil {
		return subscriptions.AsError(err)
	}
	for _, a := range answers {
		if err := c.conn.Write(ctx, websocket.MessageText, []byte(a.Text)); err != nil {
			return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeLost, "the opening frames could not be sent: %w", subscriptions.Terse(err))
		}
	}
	return nil
}

// speak calls say when nobody else speaks: what a feed says is numbered, and
// goes out in the order of its numbers.
func (c *connection) speak(ctx context.Context, say func() error) error {
	select {
	case c.speaking <- struct{}{}:
		defer func() { <-c.speaking }()
		return say()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hear lets the feed answer m, and puts into it what is remembered by then.
func (c *connection) hear(ctx context.Context, m *subscriptions.Message) error {
	heard := *m
	if m.Binary {
		heard.Data = ""
	}
	var posts []subscriptions.Answer
	err := c.speak(ctx, func() error {
		answers, err := c.target.Talk.Hear(heard)
		if err != nil {
			return subscriptions.AsError(err)
		}
		for _, a := range answers {
			if a.Post != "" {
				posts = append(posts, a)
			} else if err := c.answer(ctx, a.Text); err != nil {
				return err
			}
		}
		return nil
	})
	m.Memory, m.Missed = c.target.Talk.Memory(), c.target.Talk.Missed()
	for i := 0; i < len(posts) && err == nil; i++ {
		err = c.post(ctx, posts[i])
	}
	return err
}

func (c *connection) answer(ctx context.Context, text string) error {
	defer c.occupied()()
	if err := c.write(ctx, answerTimeout, text); err != nil {
		return subscriptions.Failf(subscriptions.Transient, subscriptions.CodeLost, "an answer could not be sent: %w", subscriptions.Terse(err))
	}
	return nil
}

func (c *connection) post(ctx context.Context, a subscriptions.Answer) error {
	defer c.occupied()()
	if c.poster == nil {
		c.poster = subscriptions.NewClient(c.target, subscriptions.ClientOptions{Idle: 30 * time.Second})
	}
	return c.target.Post(ctx, c.poster, a)
}

// occupied says that nothing is read until the function it returns is called.
func (c *connection) occupied() (free func()) {
	c.busy.Store(true)
	return func() {
		c.busy.Store(false)
		c.peer.heard.Add(1) // a pong may have been waiting
	}
}

// write sends a text. One that cannot be sent in time ends the connection.
func (c *connection) write(ctx context.Context, patience time.Duration, text string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.conn.Write(ctx, websocket.MessageText, []byte(text))
}
