package account

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"unmirror/store"
	"unmirror/store/storetest"
)

var (
	_ scs.CtxStore = (*Sessions)(nil)
	_ scs.Store    = (*Sessions)(nil)
)

const secret = "correct horse battery"

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// newAccounts is a fresh record with Anke as counsel, at a cost that tests can afford.
func newAccounts(t *testing.T) (a *Accounts, st *store.Store, c *clock, dir string) {
	t.Helper()
	c, dir = &clock{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}, t.TempDir()
	st = storetest.At(t, dir, storetest.Ring(t), c.now)
	a = NewCost(st, Cost{Memory: 64, Passes: 1, Lanes: 1})
	if _, err := a.Add(t.Context(), "Anke de Vries", Counsel, secret); err != nil {
		t.Fatal(err)
	}
	return a, st, c, dir
}

func TestSomebodyIsKnownByNameAndPasswordWhateverTheCase(t *testing.T) {
	a, _, _, _ := newAccounts(t)
	for _, name := range []string{"Anke de Vries", "anke de vries", "  ANKE DE VRIES "} {
		u, err := a.Verify(t.Context(), name, secret)
		if err != nil || u.Role != Counsel || u.Name != "Anke de Vries" || !strings.HasPrefix(u.ID, "user_") {
			t.Errorf("%q: %+v, %v", name, u, err)
		}
	}
	for _, c := range [][2]string{{"Anke de Vries", "wrong horse battery"}, {"Anke", secret}, {"", ""}, {"Anke de Vries", ""}} {
		if u, err := a.Verify(t.Context(), c[0], c[1]); !errors.Is(err, ErrPassword) || u.ID != "" {
			t.Errorf("%q: %+v, %v", c, u, err)
		}
	}
}

func TestAddSaysPlainlyWhatIsWrong(t *testing.T) {
	a, _, _, _ := newAccounts(t)
	for _, c := range []struct{ name, role, password, want string }{
		{"Bob", Operator, "short", "has 5 characters: at least 10"},
		{"Bob", Operator, "ééééééééé", "has 9 characters: at least 10"},
		{"Bob", "king", secret, `role "king" is unknown`},
		{"", Operator, secret, "a name has 1 to 80"},
		{"a\nb", Operator, secret, "printable"},
		{"Bob", Operator, strings.Repeat("x", 2000), "longer than 1024"},
	} {
		if _, err := a.Add(t.Context(), c.name, c.role, c.password); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q as %s: %v, want %q", c.name, c.role, err, c.want)
		}
	}
	users, err := a.List(t.Context())
	if err != nil || len(users) != 1 {
		t.Errorf("%d users, %v", len(users), err)
	}
}

func TestANewPasswordOrARemovalEndsWhatTheOldOneOpened(t *testing.T) {
	a, _, _, _ := newAccounts(t)
	old, err := a.Verify(t.Context(), "Anke de Vries", secret)
	if err != nil {
		t.Fatal(err)
	}
	const fresh = "another correct horse"
	changed, err := a.Add(t.Context(), "ANKE de vries", Auditor, fresh)
	if err != nil || changed.ID != old.ID || changed.Role != Auditor {
		t.Fatalf("%+v, %v", changed, err)
	}
	if _, err := a.BySession(t.Context(), old.Session); !errors.Is(err, ErrUnknown) {
		t.Errorf("the old session lives on: %v", err)
	}
	if _, err := a.Verify(t.Context(), "Anke de Vries", secret); !errors.Is(err, ErrPassword) {
		t.Errorf("the old password lives on: %v", err)
	}
	now, err := a.Verify(t.Context(), "Anke de Vries", fresh)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.BySession(t.Context(), now.Session); err != nil {
		t.Error(err)
	}
	if err := a.Remove(t.Context(), "anke de vries"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.BySession(t.Context(), now.Session); !errors.Is(err, ErrUnknown) {
		t.Errorf("a removed account is still signed in: %v", err)
	}
	if _, err := a.Verify(t.Context(), "Anke de Vries", fresh); !errors.Is(err, ErrPassword) {
		t.Errorf("a removed account signs in: %v", err)
	}
	if users, err := a.List(t.Context()); err != nil || len(users) != 0 {
		t.Errorf("%v, %v", users, err)
	}
	if err := a.Remove(t.Context(), "nobody"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

func TestAnAccountIsFoundByIDAndKeepsItsLanguage(t *testing.T) {
	a, _, _, _ := newAccounts(t)
	u, err := a.Verify(t.Context(), "Anke de Vries", secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.SetLanguage(t.Context(), u.ID, "nl"); err != nil {
		t.Fatal(err)
	}
	if u, err = a.ByID(t.Context(), u.ID); err != nil || u.Lang != "nl" {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := a.ByID(t.Context(), "user_none"); !errors.Is(err, ErrUnknown) {
		t.Errorf("unknown id: %v", err)
	}
}

func TestGuessingIsSlowedPerNameAndNetworkWithoutShuttingTheOwnerOut(t *testing.T) {
	a, _, c, _ := newAccounts(t)
	guess := func(name, network string) error {
		_, err := a.VerifyFrom(t.Context(), name, "a wrong password", network)
		return err
	}
	for range maxPerNameAndNetwork {
		if err := guess("Anke de Vries", "198.51.100.1/32"); !errors.Is(err, ErrPassword) {
			t.Fatal(err)
		}
	}
	var slow *Throttled
	if _, err := a.VerifyFrom(t.Context(), "Anke de Vries", secret, "198.51.100.1/32"); !errors.As(err, &slow) || slow.Wait <= 0 || slow.Wait > throttleWindow {
		t.Fatalf("after %d guesses: %v", maxPerNameAndNetwork, err)
	}
	if _, err := a.VerifyFrom(t.Context(), "Anke de Vries", secret, "203.0.113.9/32"); err != nil {
		t.Errorf("her own network is shut out: %v", err)
	}
	c.pass(throttleWindow + time.Second)
	if _, err := a.VerifyFrom(t.Context(), "Anke de Vries", secret, "198.51.100.1/32"); err != nil {
		t.Errorf("after the window: %v", err)
	}
	t.Run("one network cannot try many names", func(t *testing.T) {
		var last error
		for i := range maxPerNetwork + 1 {
			last = guess("nobody "+string(rune('a'+i)), "198.51.100.2/32")
		}
		if !errors.As(last, &slow) {
			t.Errorf("guess %d: %v", maxPerNetwork+1, last)
		}
	})
	t.Run("many networks cannot try one name for ever", func(t *testing.T) {
		var last error
		for i := range maxPerName + 1 {
			last = guess("victor", "net "+string(rune('a'+i)))
		}
		if !errors.As(last, &slow) {
			t.Errorf("guess %d: %v", maxPerName+1, last)
		}
	})
}

func TestABurstOfParallelGuessesGainsNothing(t *testing.T) {
	a, _, _, _ := newAccounts(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	tried := 0
	for range 40 {
		wg.Go(func() {
			_, err := a.VerifyFrom(context.Background(), "Anke de Vries", "a wrong password", "198.51.100.1/32")
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, ErrPassword) {
				tried++
			}
		})
	}
	wg.Wait()
	if tried != maxPerNameAndNetwork {
		t.Errorf("%d guesses were looked at, want %d", tried, maxPerNameAndNetwork)
	}
}

func TestASlowedCheckEndsWithItsContext(t *testing.T) {
	a, _, _, _ := newAccounts(t)
	a.slots <- struct{}{}
	a.slots <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := a.Verify(ctx, "Anke de Vries", secret); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waited for a slot: %v", err)
	}
}

func TestTheStandardCostIsThePromisedOne(t *testing.T) {
	if c := StandardCost(); c.Memory != 64<<10 || c.Passes != 3 {
		t.Errorf("%+v", c)
	}
	phc := (Cost{Memory: 64, Passes: 1, Lanes: 1}).hash(secret)
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("hash %q", phc)
	}
	for _, broken := range []string{"", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=18$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=0,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=64,t=1,p=1$AAAA$", "$argon2id$v=19$m=64,t=1,p=1$!$!"} {
		if ok, err := verifyPassword(broken, secret); ok || !errors.Is(err, errHash) {
			t.Errorf("%q: %v, %v", broken, ok, err)
		}
	}
}

func TestSessionsEndAndAreFoundOnlyByTheirToken(t *testing.T) {
	_, st, c, _ := newAccounts(t)
	s := NewSessions(st)
	until := c.now().Add(time.Hour)
	if err := s.Commit("token-a", []byte("data"), until); err != nil {
		t.Fatal(err)
	}
	if data, found, err := s.Find("token-a"); err != nil || !found || string(data) != "data" {
		t.Fatalf("%q, %v, %v", data, found, err)
	}
	if _, found, err := s.Find("token-b"); err != nil || found {
		t.Errorf("another token: %v, %v", found, err)
	}
	c.pass(30 * time.Minute)
	if err := s.Commit("token-a", []byte("data"), until.Add(30*time.Minute)); err != nil {
		t.Fatal(err)
	}
	c.pass(45 * time.Minute)
	if _, found, _ := s.Find("token-a"); !found {
		t.Error("the session was not prolonged")
	}
	c.pass(time.Hour)
	if _, found, _ := s.Find("token-a"); found {
		t.Error("the session outlived its expiry")
	}
	if err := s.Commit("token-c", []byte("x"), c.now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete("token-c"); err != nil {
		t.Fatal(err)
	}
	if _, found, _ := s.Find("token-c"); found {
		t.Error("a deleted session is found")
	}
	if err := s.Delete("token-c"); err != nil {
		t.Errorf("deleting again: %v", err)
	}
}

func TestAnExpiryThatHardlyMovedIsNotWritten(t *testing.T) {
	_, st, c, _ := newAccounts(t)
	s := NewSessions(st)
	until := c.now().Add(time.Hour)
	expires := func() (ms int64) {
		if err := st.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow(`SELECT expires FROM sessions`).Scan(&ms) }); err != nil {
			t.Fatal(err)
		}
		return ms
	}
	for _, step := range []struct {
		expiry time.Time
		data   string
		want   time.Time
	}{{until, "a", until}, {until.Add(30 * time.Second), "a", until}, {until.Add(2 * time.Minute), "a", until.Add(2 * time.Minute)},
		{until.Add(130 * time.Second), "b", until.Add(130 * time.Second)}} {
		if err := s.Commit("token", []byte(step.data), step.expiry); err != nil {
			t.Fatal(err)
		}
		if got := expires(); got != store.Millis(step.want) {
			t.Errorf("expires %d, want %d", got, store.Millis(step.want))
		}
	}
}

func TestTheDataFolderHoldsNoNamePasswordOrTokenInClear(t *testing.T) {
	_, st, c, dir := newAccounts(t)
	if err := NewSessions(st).Commit("token-in-clear", []byte("session-in-clear"), c.now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"anke", secret, "$argon2", "token-in-clear", "session-in-clear"} {
			if strings.Contains(strings.ToLower(string(raw)), word) {
				t.Errorf("%s holds %q", filepath.Base(f), word)
			}
		}
	}
}

func BenchmarkVerifyAtTheStandardCost(b *testing.B) {
	phc := StandardCost().hash(secret)
	for b.Loop() {
		if ok, err := verifyPassword(phc, secret); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
