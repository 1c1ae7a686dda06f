//go:build !linux

package plane

import (
	"fmt"
	"os"
	"time"
)

// self names this process; elsewhere than on Linux others cannot tell whether it lives.
func self() string { return fmt.Sprintf("%d/%d", os.Getpid(), time.Now().UnixNano()) }

// alive says yes: a dead holder's lease has to run out.
func alive(string) bool { return true }
