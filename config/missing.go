package config

import (
	"fmt"
	"maps"
	"os"
	"slices"
)

// Missing names the secrets and files beside those of sources that are configured and cannot be read on this machine now,
// each with its key and what is wrong. They are no faults of the configuration: another machine may have them.
func (c *Config) Missing() (out []string) {
	secrets := map[string]Secret{"fleet.token": c.Fleet.Token, "fleet.ca": c.Fleet.CA, "mail.password": c.Mail.Password}
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		if _, err := secrets[name].Reveal(); err != nil {
			out = append(out, fmt.Sprintf("%s: %s", name, err))
		}
	}
	paths := map[string]string{"fleet.cert": c.Fleet.Cert, "fleet.key": c.Fleet.Key}
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		if paths[name] == "" {
			continue
		}
		if _, err := os.Stat(paths[name]); err != nil {
			out = append(out, fmt.Sprintf("%s: %s", name, err))
		}
	}
	return out
}
