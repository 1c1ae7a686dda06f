package testneeds

import (
	"fmt"
	"net"
	"testing"
)

func TestAPortIsOneTestsOwnUntilItEnds(t *testing.T) {
	var first int
	t.Run("while it runs", func(t *testing.T) {
		first = Port(t)
		if held := take(first); held != nil {
			t.Fatal("it was given away again")
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", first))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		Listens(t, l.Addr().String())
	})
	held := take(first)
	if held == nil {
		t.Fatal("it is kept for ever")
	}
	_ = held.Close()
}

func TestAPortThatAServerHasIsNotTaken(t *testing.T) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", Port(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if take(l.Addr().(*net.TCPAddr).Port) != nil {
		t.Error("a port was taken on which somebody listens")
	}
}
