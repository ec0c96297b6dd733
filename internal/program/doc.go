// Package program runs a program that a person has named, with something to
// tell it: never through a shell, never for long, and never trusting what it
// says. What it is told goes into its environment and its standard input,
// where nothing is interpreted.
//
// The package must not know what a program is told, or why.
package program
