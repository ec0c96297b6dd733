// Package autostart makes a program start when its user logs in, in the way
// of each desktop: an XDG autostart entry, the Run key of Windows, or a
// launch agent of macOS.
//
// It must not know what the program does. What people have changed by their
// desktop's own means is respected, and told as it is.
package autostart
