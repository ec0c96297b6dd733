package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// write runs the tool on the test's own program.
func write(t *testing.T, extra ...string) []byte {
	t.Helper()
	t.Setenv("SOURCE_DATE_EPOCH", "1767225600")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(append(append([]string{"-name", "bellwire", "-version", "1.2.3"}, extra...), self), &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestBillNamesTheModulesAndTheirLicences(t *testing.T) {
	file := filepath.Join(t.TempDir(), "licences")
	var bom cdx.BOM
	if err := json.Unmarshal(write(t, "-licences", file), &bom); err != nil {
		t.Fatal(err)
	}
	if bom.SpecVersion != cdx.SpecVersion1_5 || bom.SerialNumber != "" || bom.Metadata.Timestamp != "2026-01-01T00:00:00Z" {
		t.Errorf("version %v, serial %q, time %q", bom.SpecVersion, bom.SerialNumber, bom.Metadata.Timestamp)
	}
	if c := bom.Metadata.Component; c.Name != "bellwire" || c.Version != "1.2.3" || len((*c.Hashes)[0].Value) != 64 {
		t.Errorf("component %+v", c)
	}
	licences := map[string]string{}
	for _, c := range *bom.Components {
		if c.Licenses != nil {
			licences[c.Name] = (*c.Licenses)[0].License.ID
		}
		if !strings.HasPrefix(c.PackageURL, "pkg:golang/"+c.Name+"@") {
			t.Errorf("%s has the address %q", c.Name, c.PackageURL)
		}
	}
	if licences["std"] != "BSD-3-Clause" || licences["github.com/CycloneDX/cyclonedx-go"] != "Apache-2.0" {
		t.Errorf("licences %v", licences)
	}
	texts, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Copyright 2009 The Go Authors.", "github.com/CycloneDX/cyclonedx-go v", "NOTICE"} {
		if !bytes.Contains(texts, []byte(want)) {
			t.Errorf("the licence texts lack %q", want)
		}
	}
}

func TestBillIsTheSameEveryTime(t *testing.T) {
	if a, b := write(t), write(t); !bytes.Equal(a, b) {
		t.Error("two bills of one program differ")
	}
}

func TestBillNeedsATime(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "")
	self, _ := os.Executable()
	if err := run([]string{"-name", "a", "-version", "1", self}, &bytes.Buffer{}); err == nil {
		t.Error("a bill without SOURCE_DATE_EPOCH was written")
	}
}

func TestIdentify(t *testing.T) {
	for text, want := range map[string]string{
		"Apache License\n   Version 2.0, January 2004":                                                             "Apache-2.0",
		"Licensed under the Apache License, Version 2.0 (the":                                                      "Apache-2.0",
		"Permission is hereby granted, free of\ncharge, to any person obtaining a copy":                            "MIT",
		"Redistributions in binary form must reproduce the above copyright notice":                                 "BSD-2-Clause",
		"Redistributions in binary form …\nmay be used to endorse or promote products derived from this\nsoftware": "BSD-3-Clause",
		"All rights reserved.": "",
	} {
		if got := identify([]byte(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
