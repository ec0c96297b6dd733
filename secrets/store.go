package secrets

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"bellwire/subscriptions"
)

const (
	// putTime and getTime bound the keyring, which may ask a person to unlock
	// it and then waits for an answer.
	putTime = 30 * time.Second
	getTime = 60 * time.Second
)

var (
	errNotFound = errors.New("there is no such entry")
	errTimeout  = errors.New("the keyring did not answer; is it waiting to be unlocked?")
)

// Options of [New].
type Options struct {
	// File is where secrets are kept that no keyring takes: one JSON object
	// with mode 0600. Required.
	File string
	// Keyring is the program and its arguments whose child process calls
	// [ServeKeyring]; empty means that there is no keyring.
	Keyring []string
	// Logger hears once that there is no keyring. Required.
	Logger *slog.Logger
}

// A Store keeps secrets and follows references. It is safe for concurrent
// use.
type Store struct {
	file    *file
	keyring *keyring // nil: none
	log     *slog.Logger
	// unusable says that the keyring has failed; what comes later goes to the
	// file without asking it again.
	mu       sync.Mutex
	unusable bool
}

// New makes a store. Nothing is opened before it is needed.
func New(o Options) *Store {
	s := &Store{file: &file{path: o.File}, log: o.Logger}
	if len(o.Keyring) > 0 {
		s.keyring = &keyring{argv: o.Keyring}
	}
	return s
}

// Put keeps a secret, in the keyring where there is one that works, else in
// the file. label is for people who look into their keyring.
func (s *Store) Put(ctx context.Context, label, value string) (subscriptions.SecretRef, error) {
	if value == "" || len(value) > subscriptions.MaxSecret {
		return "", fmt.Errorf("a secret has between 1 and %d bytes", subscriptions.MaxSecret)
	}
	// The random part keeps apart feeds of one name, now and later, and
	// several folders with one keyring.
	entry := label + "-" + rand.Text()
	if s.usable() {
		kctx, cancel := context.WithTimeout(ctx, putTime)
		defer cancel()
		_, err := s.keyring.call(kctx, keyringCall{Do: "set", Entry: entry, Value: value})
		if err == nil {
			return subscriptions.SecretRef("keyring:" + entry), nil
		}
		s.giveUp(err)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return "", ctx.Err()
	}
	if err := s.file.set(entry, value); err != nil {
		return "", err
	}
	return subscriptions.SecretRef("stored:" + entry), nil
}

func (s *Store) usable() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keyring != nil && !s.unusable
}

// giveUp says once that the keyring does not work.
func (s *Store) giveUp(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unusable {
		return
	}
	s.unusable = true
	s.log.Info("secrets are kept in a file that only you can read, since this system's keyring cannot be used", "file", s.file.path, "reason", err)
}

// Get is the secret that ref names. Its errors are for [Store.Prepare].
func (s *Store) get(ctx context.Context, ref subscriptions.SecretRef) (string, error) {
	kind, rest := ref.Split()
	switch kind {
	case "keyring":
		if s.keyring == nil {
			return "", errNoKeyring
		}
		ctx, cancel := context.WithTimeout(ctx, getTime)
		defer cancel()
		return s.keyring.call(ctx, keyringCall{Do: "get", Entry: rest})
	case "stored":
		return s.file.get(rest)
	case "env":
		return fromEnvironment(rest)
	case "file":
		return fromFile(rest)
	case "command":
		argv, ok := ref.Argv()
		if !ok {
			return "", ref.Validate()
		}
		return fromCommand(ctx, argv)
	default:
		return "", ref.Validate()
	}
}

// Remove forgets the secrets that are kept for auth; what people keep
// themselves is left alone. What is gone already is no error.
func (s *Store) Remove(ctx context.Context, auth []subscriptions.Credential) error {
	var errs []error
	for _, c := range auth {
		var err error
		switch kind, entry := c.Secret.Split(); kind {
		case "keyring":
			err = errNoKeyring
			if s.keyring != nil {
				kctx, cancel := context.WithTimeout(ctx, putTime)
				_, err = s.keyring.call(kctx, keyringCall{Do: "delete", Entry: entry})
				cancel()
			}
		case "stored":
			err = s.file.remove(entry)
		}
		if err != nil && !errors.Is(err, errNotFound) {
			errs = append(errs, fmt.Errorf("removing a secret from %s: %w", c.Secret, err))
		}
	}
	return errors.Join(errs...)
}
