package poll

import (
	"fmt"
	"testing"
	"time"

	"bellwire/internal/transporttest"
	"bellwire/subscriptions"
)

func TestLongPollConformance(t *testing.T) {
	transporttest.Run(t, transporttest.Subject{
		New:    func(testing.TB) subscriptions.Transport { return &Transport{Long: true} },
		Feed:   subscriptions.Feed{Transport: subscriptions.TransportLongPoll},
		Scheme: "http",
		Path:   "/longpoll/",
		Open:   func(*transporttest.Peer) {},
		Send:   sendAnswer,
		Part:   partOfAnswer,
		Polls:  true,
		Holds:  true,
	})
}

// A poll has no silence between two questions: a peer that says nothing is
// asked too much. Everything else is as with a long poll.
func TestPollConformance(t *testing.T) {
	transporttest.Run(t, transporttest.Subject{
		New: func(testing.TB) subscriptions.Transport { return new(Transport) },
		Feed: subscriptions.Feed{Transport: subscriptions.TransportPoll, Settings: subscriptions.Settings{
			Poll: subscriptions.Poll{Interval: subscriptions.Duration(time.Millisecond)}, // no person may ask for that
		}},
		Scheme:  "http",
		Path:    "/poll/",
		Private: "/privatepoll/",
		Open:    func(*transporttest.Peer) {},
		Send:    sendAnswer,
		Part:    partOfAnswer,
		Polls:   true,
	})
}

const answerHead = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"

// sendAnswer answers one question and waits for the next.
func sendAnswer(p *transporttest.Peer, _, data string) {
	p.Write(fmt.Sprintf(answerHead, len(data), data))
	p.Next()
}

func partOfAnswer(p *transporttest.Peer) { p.Write(fmt.Sprintf(answerHead, 100, "unfinished")) }
