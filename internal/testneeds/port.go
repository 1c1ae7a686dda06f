package testneeds

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
	"time"
)

// Systems give connections a port of their own from 32768 on: below it none is taken by chance between its choice and its use.
const lowestPort, highestPort = 15000, 32767

// Port returns a loopback TCP port for a server that takes none from the kernel. It stays this test's own until the test ends: tests of
// all packages run at once, and a port that was merely free a moment ago is soon somebody else's.
func Port(t testing.TB) int {
	t.Helper()
	for range 10_000 {
		port := lowestPort + rand.IntN(highestPort-lowestPort+1)
		if held := take(port); held != nil {
			t.Cleanup(func() { _ = held.Close() })
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// take holds the UDP port of that number, which says to all other tests of the machine that the TCP port is taken, or returns nil.
func take(port int) net.PacketConn {
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	held, err := net.ListenPacket("udp4", addr)
	if err != nil {
		return nil
	}
	l, err := net.Listen("tcp4", addr)
	if err != nil {
		_ = held.Close()
		return nil
	}
	_ = l.Close()
	return held
}

// Listens waits until a server takes connections at host:port, and fails the test after so long a time that it never will.
func Listens(t testing.TB, addr string) {
	t.Helper()
	var err error
	for ends := time.Now().Add(3 * time.Minute); time.Now().Before(ends); time.Sleep(20 * time.Millisecond) {
		var c net.Conn
		if c, err = net.DialTimeout("tcp", addr, time.Minute); err == nil {
			_ = c.Close()
			return
		}
	}
	t.Fatalf("no server at %s: %v", addr, err)
}
