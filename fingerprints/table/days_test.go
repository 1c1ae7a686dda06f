package table

import "testing"

func TestOrderOfDaysIsToldByTheWholeColumn(t *testing.T) {
	for name, c := range map[string]struct {
		cells []string
		text  string
		want  string
	}{
		"month first":         {[]string{"01/02/1980", "12/31/1981"}, "01/02/1980", "1980-01-02"},
		"month first, dashes": {[]string{"1-2-1980", "12-31-1981"}, "1-2-1980", "1980-01-02"},
		"with a time":         {[]string{"12/31/1981 00:00:00"}, "1/2/1980 00:00:00", "1980-01-02"},
		"day first":           {[]string{"01/02/1980", "31/12/1981"}, "01/02/1980", "01/02/1980"},
		"both":                {[]string{"12/31/1981", "31/12/1981"}, "01/02/1980", "01/02/1980"},
		"nothing tells":       {[]string{"01/02/1980"}, "01/02/1980", "01/02/1980"},
		"no days":             {[]string{"3/44/2", "-", ""}, "01/02/1980", "01/02/1980"},
		"no such month":       {[]string{"12/31/1981"}, "13/02/1980", "13/02/1980"},
	} {
		var sample []sampled
		for _, text := range c.cells {
			sample = append(sample, sampled{cells: []string{text}})
		}
		columns := make([]Column, 1)
		orderDays(columns, sample)
		if got := columns[0].DayOf(c.text); got != c.want {
			t.Errorf("%s: %q is read as %q, want %q", name, c.text, got, c.want)
		}
	}
}
