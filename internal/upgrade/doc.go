// Package upgrade notices that the program which runs has been replaced where
// it was started from, and finds out whether what is there now would start.
//
// It must not know what the program does, nor how it becomes the other one.
package upgrade
