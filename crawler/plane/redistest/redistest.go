// Package redistest starts real Redis servers for tests, on loopback and in temporary folders.
// It is imported by tests only, and never touches a server that it did not start.
package redistest

import (
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"unmirror/internal/testneeds"
)

// Server is a redis-server with an append-only file, which outlives being killed.
type Server struct {
	t    testing.TB
	Dir  string // where its files lie
	args []string
	cmd  *exec.Cmd
	Addr string
}

// Start starts a server, with further arguments of redis-server.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	port, dir := FreePort(t), t.TempDir()
	s := &Server{t: t, Dir: dir, Addr: net.JoinHostPort("127.0.0.1", port), args: append([]string{"--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "",
		"--appendonly", "yes", "--maxmemory-policy", "noeviction", "--logfile", "redis.log",
		// Where the disk is busy, "everysec" answers up to two seconds before it writes, and a kill takes that along. "no" writes first.
		"--appendfsync", "no"}, args...)}
	s.Restart()
	t.Cleanup(s.Kill)
	return s
}

// FreePort is a port that is this test's own until it ends.
func FreePort(t testing.TB) string {
	t.Helper()
	return strconv.Itoa(testneeds.Port(t))
}

// URL is the server's address as the configuration takes it.
func (s *Server) URL() string { return "redis://" + s.Addr }

// Restart starts a killed server again and waits until it answers.
func (s *Server) Restart() {
	s.t.Helper()
	s.cmd = exec.Command(testneeds.Program(s.t, "redis-server", "redis-server"), s.args...)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	c := redis.NewClient(&redis.Options{Addr: s.Addr, MaxRetries: -1})
	defer func() { _ = c.Close() }()
	for ends := time.Now().Add(3 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		err := c.Ping(s.t.Context()).Err()
		if err == nil {
			return
		}
		if time.Now().After(ends) {
			s.t.Fatal(fmt.Errorf("redis-server does not answer: %w", err))
		}
	}
}

// Kill ends the server as kill -9 does.
func (s *Server) Kill() {
	if s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}
