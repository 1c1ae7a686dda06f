package page

import "testing"

func TestAGlanceTellsWhosePageOfAFormItIs(t *testing.T) {
	if raceEnabled {
		t.Skip("there is nothing to race for, and each page takes ten times as long")
	}
	const right, people = 3, 4
	p := New([]byte("a key"))
	l := p.Look(raster(form(1, right)))
	if _, ok := l.Glance(nil); ok || l.Frames() != 0 {
		t.Error("a page was glanced at before any was compared")
	}
	bodies := map[int][]byte{}
	for person := 1; person <= people; person++ {
		printed, _ := p.Print(raster(form(1, uint64(person))))
		bodies[person] = printed.Body
	}
	if r, err := l.Compare(bodies[1]); err != nil || !r.FormOnly || l.Frames() != 1 {
		t.Fatalf("another person's page: %s, %v, %d frames", short(r), err, l.Frames())
	}
	own, ok := l.Glance(bodies[right])
	if !ok {
		t.Fatal("the right page does not lie as the first one does")
	}
	for person, body := range bodies {
		if fits, ok := l.Glance(body); person != right && (!ok || fits >= own) {
			t.Errorf("person %d fits by %.0f (%t), the right one by %.0f", person, fits, ok, own)
		}
	}
	if _, ok := l.Glance(bodies[right][:9]); ok {
		t.Error("a body cut short was glanced at")
	}
	if r, err := l.Compare(bodies[right]); err != nil || !r.Same {
		t.Errorf("the right page: %s, %v", short(r), err)
	}
}
