//go:build !linux || headless

package main

func programMain() { main() }
