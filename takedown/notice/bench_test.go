package notice_test

import (
	"testing"

	"unmirror/takedown/notice"
)

func BenchmarkComposeCheckRender(b *testing.B) {
	l := table(b)
	f := facts("nl", "platform")
	for b.Loop() {
		d, err := notice.Compose(l, f)
		if err != nil {
			b.Fatal(err)
		}
		notice.Check(l, f, d)
		if _, err := notice.Render(f, d, envelope(), true); err != nil {
			b.Fatal(err)
		}
	}
}
