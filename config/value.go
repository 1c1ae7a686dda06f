package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Size is a number of bytes.
type Size int64

// units in the order in which a suffix is tried; the longer one first, because "GiB" ends in "B".
var units = [...]struct {
	suffix string
	bytes  float64
}{
	{"TIB", 1 << 40}, {"GIB", 1 << 30}, {"MIB", 1 << 20}, {"KIB", 1 << 10},
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1},
}

// ParseSize reads "2GiB", "500 MB", "1.5MiB" or a bare number of bytes.
func ParseSize(s string) (Size, error) {
	number, factor := strings.ToUpper(strings.TrimSpace(s)), 1.0
	for _, u := range units {
		if rest, ok := strings.CutSuffix(number, u.suffix); ok {
			number, factor = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || strings.ContainsAny(number, "XP_") {
		return 0, fmt.Errorf("%q is no size; write for example 2GiB, 500MB or 4096", s)
	}
	if v < 0 || v*factor > 1<<62 {
		return 0, fmt.Errorf("%q is out of range", s)
	}
	return Size(v * factor), nil
}

// String writes the size with the largest unit that fits without a remainder.
func (s Size) String() string {
	for _, u := range [...]struct {
		name  string
		bytes Size
	}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if s >= u.bytes && s%u.bytes == 0 {
			return fmt.Sprintf("%d%s", s/u.bytes, u.name)
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// parseDuration reads Go's durations and a bare 0.
func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		if _, bare := strconv.ParseFloat(s, 64); bare == nil {
			return 0, fmt.Errorf("%q has no unit; write for example %ss, %sm or %sh", s, s, s, s)
		}
		return 0, fmt.Errorf("%q is no duration; write for example 500ms, 2s, 1m30s or 24h", s)
	}
	if d < 0 {
		return 0, fmt.Errorf("%q is negative", s)
	}
	return d, nil
}

// setScalar parses raw into the field that target points to.
func setScalar(target any, raw string, env []string) error {
	var err error
	switch t := target.(type) {
	case *string:
		*t = raw
	case *bool:
		*t, err = parseBool(raw)
	case *int:
		*t, err = parseInt(raw)
	case *float64:
		*t, err = parseFloat(raw)
	case *time.Duration:
		*t, err = parseDuration(raw)
	case *Size:
		*t, err = ParseSize(raw)
	case *Secret:
		*t, err = parseSecret(raw, env)
	case *ServerURL:
		*t = ServerURL{raw: raw}
	default:
		panic(fmt.Sprintf("config: the key table names a field of type %T, which nobody can set", target))
	}
	return err
}

func parseBool(raw string) (bool, error) {
	switch raw {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither true nor false", raw)
}

func parseInt(raw string) (int, error) {
	n, err := strconv.Atoi(raw)
	if err != nil {
		return 0, fmt.Errorf("%q is no whole number", raw)
	}
	return n, nil
}

func parseFloat(raw string) (float64, error) {
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, fmt.Errorf("%q is no number", raw)
	}
	return f, nil
}

// typeName is how the reference calls the type of a field.
func typeName(target any) string {
	switch target.(type) {
	case *string:
		return "text"
	case *bool:
		return "true or false"
	case *int:
		return "whole number"
	case *float64:
		return "number"
	case *time.Duration:
		return "duration"
	case *Size:
		return "size"
	case *Secret:
		return "secret"
	case *ServerURL:
		return "server URL"
	case *[]string:
		return "list"
	}
	return fmt.Sprintf("%T", target)
}
