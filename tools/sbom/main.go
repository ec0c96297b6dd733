// Command sbom writes what a built Go program is made of: a bill of materials
// (CycloneDX 1.5, JSON) on standard output and, with -licences, the licence
// texts of all its modules to a file. It reads the modules from the program
// itself and their licences from the module cache, asks no network, and for
// the same program, name, version and SOURCE_DATE_EPOCH it writes the same
// bytes.
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("sbom", flag.ContinueOnError)
	name := flags.String("name", "", "the program's `name`")
	version := flags.String("version", "", "the program's `version`")
	licences := flags.String("licences", "", "also write the modules' licence texts to this `file`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *name == "" || *version == "" || flags.NArg() != 1 {
		return errors.New("usage: sbom -name NAME -version VERSION [-licences FILE] PROGRAM")
	}
	made, err := madeAt(os.Getenv("SOURCE_DATE_EPOCH"))
	if err != nil {
		return err
	}
	program := flags.Arg(0)
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return err
	}
	modules, err := parts(info)
	if err != nil {
		return err
	}
	if *licences != "" {
		if err := os.WriteFile(*licences, texts(*name, modules), 0o644); err != nil {
			return err
		}
	}
	sum, err := sha256Of(program)
	if err != nil {
		return err
	}
	encoder := cdx.NewBOMEncoder(out, cdx.BOMFileFormatJSON)
	encoder.SetPretty(true)
	encoder.SetEscapeHTML(false)
	return encoder.EncodeVersion(bill(*name, *version, sum, made, info, modules), cdx.SpecVersion1_5)
}

// madeAt reads SOURCE_DATE_EPOCH, in seconds since 1970; none is an error,
// since the clock would make every bill another.
func madeAt(epoch string) (time.Time, error) {
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH is %q, not seconds since 1970", epoch)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

func sha256Of(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// part is a module in the program, or Go's own library.
type part struct {
	path, version, sum string
	licences           []licence
}

// parts are Go's library and the modules, in the order of the program, which
// is that of their paths.
func parts(info *buildinfo.BuildInfo) ([]part, error) {
	goVersion, _, _ := strings.Cut(strings.TrimPrefix(info.GoVersion, "go"), " ")
	all := []part{{path: "std", version: goVersion}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		all = append(all, part{path: m.Path, version: m.Version, sum: m.Sum})
	}
	root, err := goEnv("GOROOT")
	if err != nil {
		return nil, err
	}
	cache, err := goEnv("GOMODCACHE")
	if err != nil {
		return nil, err
	}
	for i, p := range all {
		dir := root
		if p.path != "std" {
			dir = filepath.Join(cache, escaped(p.path)+"@"+escaped(p.version))
		}
		if all[i].licences, err = licencesIn(dir); err != nil {
			return nil, err
		}
		if len(all[i].licences) == 0 {
			return nil, fmt.Errorf("%s %s has no licence text in %s", p.path, p.version, dir)
		}
	}
	return all, nil
}

func goEnv(name string) (string, error) {
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		return "", fmt.Errorf("go env %s: %w", name, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// escaped is how the module cache writes capital letters: "!" and the small
// one (https://go.dev/ref/mod#module-cache).
func escaped(path string) string {
	var b strings.Builder
	for _, r := range path {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('!')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func bill(name, version, sum string, made time.Time, info *buildinfo.BuildInfo, modules []part) *cdx.BOM {
	bom := cdx.NewBOM()
	ref := "pkg:generic/" + name + "@" + version
	bom.Metadata = &cdx.Metadata{
		Timestamp: made.Format(time.RFC3339),
		Component: &cdx.Component{
			BOMRef:     ref,
			Type:       cdx.ComponentTypeApplication,
			Name:       name,
			Version:    version,
			PackageURL: ref,
			Licenses:   identified([]licence{{id: "Apache-2.0"}}),
			Hashes:     &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: sum}},
			Properties: settings(info),
		},
	}
	var components []cdx.Component
	var refs []string
	for _, p := range modules {
		purl := "pkg:golang/" + p.path + "@" + p.version
		component := cdx.Component{
			BOMRef:     purl,
			Type:       cdx.ComponentTypeLibrary,
			Name:       p.path,
			Version:    p.version,
			Scope:      cdx.ScopeRequired,
			PackageURL: purl,
			Licenses:   identified(p.licences),
		}
		if p.sum != "" {
			component.Properties = &[]cdx.Property{{Name: "go:sum", Value: p.sum}}
		}
		components = append(components, component)
		refs = append(refs, purl)
	}
	bom.Components = &components
	bom.Dependencies = &[]cdx.Dependency{{Ref: ref, Dependencies: &refs}}
	return bom
}

// settings are those of the build that say what the program is for. The flags
// of compilers are not among them.
func settings(info *debug.BuildInfo) *[]cdx.Property {
	properties := []cdx.Property{{Name: "go:version", Value: info.GoVersion}}
	for _, s := range info.Settings {
		switch s.Key {
		case "GOOS", "GOARCH", "GOAMD64", "GOARM", "GOARM64", "CGO_ENABLED", "-tags", "-buildmode":
			properties = append(properties, cdx.Property{Name: "go:" + s.Key, Value: s.Value})
		}
	}
	return &properties
}
