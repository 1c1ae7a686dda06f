package plane

import (
	"os"
	"strings"
)

// machine names this boot of this machine, so that processes of it can be asked whether they live; empty when unknown.
func machine() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
