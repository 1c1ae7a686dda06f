package kind

import "testing"

// TestRecognisingCompilesNothing holds what an address costs: a feed's page holds thousands of them.
func TestRecognisingCompilesNothing(t *testing.T) {
	for _, address := range []string{"https://pastebin.com/AbCdEf12", "https://mirror.example/pub/2024/report.txt"} {
		u := parse(t, address)
		Recognise(u)
		if n := testing.AllocsPerRun(20, func() { Recognise(u) }); n > 200 {
			t.Errorf("%s: %.0f allocations, as if patterns were compiled", address, n)
		}
	}
}
