package main

import (
	"io"
	"log/slog"
	"os"

	"github.com/lmittmann/tint"
	"gopkg.in/natefinch/lumberjack.v2"
)

const (
	logMegabytes = 5
	logBackups   = 2
)

// newLogger logs to w for people and, unless path is empty, to a file that
// is rotated.
func newLogger(w io.Writer, path string, verbose bool) (log *slog.Logger, closeLog func() error) {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	console := tint.NewTextHandler(w, &tint.Options{Level: level, NoColor: !isTerminal(w), TimeFormat: "15:04:05"})
	if path == "" {
		return slog.New(console), func() error { return nil }
	}
	file := &lumberjack.Logger{Filename: path, MaxSize: logMegabytes, MaxBackups: logBackups}
	return slog.New(slog.NewMultiHandler(console, slog.NewTextHandler(file, &slog.HandlerOptions{Level: level}))), file.Close
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	nothing, err := os.Stat(os.DevNull) // a device that nobody reads
	return err != nil || !os.SameFile(info, nothing)
}
