package table

import (
	"fmt"
	"strings"
	"testing"
)

// kindsOfCSV are the kinds of a table's columns as they are guessed.
func kindsOfCSV(t *testing.T, head string, row func(i int) string) string {
	t.Helper()
	var b strings.Builder
	if head != "" {
		b.WriteString(head + "\n")
	}
	for i := range 120 {
		b.WriteString(row(i) + "\n")
	}
	g := &gathered{}
	r := NewReader("csv", g)
	r.Write([]byte(b.String()))
	if err := r.Close(); err != nil || len(g.tables) != 1 {
		t.Fatalf("%d tables, %v", len(g.tables), err)
	}
	var kinds []string
	for _, c := range g.tables[0].Columns {
		kinds = append(kinds, c.Kind.String())
	}
	return strings.Join(kinds, " ")
}

func TestColumnsWithoutAKnownNameAreToldByWhatStandsInThem(t *testing.T) {
	given := strings.Fields("Jan Marie Fatima Piet Elke Ahmed Sofie Luc Ingrid Thomas Xavier Greet")
	family := strings.Fields("Qorvenberg Zeltmans Brixhove Duurlinck Oplegaerts Wandervorst Kleistert Moorsveld Hagendael Pruimboom Tintelaer Vossemans Ruychaver Bladergroen Steenput Vlamovens Cromheecke")
	towns := strings.Fields("Aalvoorde Bremgem Crivelde Dorlaar Elsene Fruithof Gavere")
	g := func(i int) string { return given[i*7%len(given)] }
	f := func(i int) string {
		return family[i*5%len(family)] + []string{"", "x", "e", "aux"}[i%4]
	}
	town := func(i int) string { return towns[i%len(towns)] }
	day := func(i, from int) string { return fmt.Sprintf("%02d/%02d/%d", 1+i%28, 1+i%12, from+i%35) }
	for name, c := range map[string]struct {
		head string
		row  func(i int) string
		want string
	}{
		"given and family": {"FA;FB;FC;FD;FE", func(i int) string {
			return strings.Join([]string{town(i), f(i), g(i), day(i, 1988), day(i, 1950)}, ";")
		}, "other family given date birth"},
		"whole names": {"KA;KB;KC", func(i int) string { return strings.Join([]string{day(i, 1955), f(i) + " " + g(i), town(i)}, ";") }, "birth name other"},
		"abbreviations, coined names": {"VN;FN;GD;GEM", func(i int) string {
			return strings.Join([]string{"Za" + strings.ToLower(f(i)), f(i), day(i, 1955), town(i)}, ";")
		}, "given family birth other"},
		"by the addresses": {"KA;KB;KC;KD", func(i int) string {
			whole := "Zor" + f(i) + " " + f(i+3)
			return strings.Join([]string{town(i), whole, strings.ToLower(f(i+3)) + fmt.Sprint(i) + "@voorbeeld.example", town(i + 1)}, ";")
		}, "other name email other"},
		"towns alone": {"KA;KB;KC;KD", func(i int) string {
			return strings.Join([]string{town(i), f(i) + "gem", day(i, 2001), fmt.Sprint(i%30, "00")}, ";")
		}, "other other date other"},
		"doctors": {"KA;KB;KC", func(i int) string {
			return strings.Join([]string{town(i), "dr. " + g(i) + " " + f(i), day(i, 2001)}, ";")
		}, "other other date"},
		"no head": {"", func(i int) string {
			return strings.Join([]string{day(i, 1985), town(i), g(i), f(i), day(i, 1950)}, ";")
		}, "date other given family birth"},
	} {
		if got := kindsOfCSV(t, c.head, c.row); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestGivenNamesAreFoundBesideFamilyNames(t *testing.T) {
	text := "Familienname;Anrede;Konto;Ort\n"
	for i, given := range strings.Fields("Agnes Karel Sofie Marten Anna Luisa Pieter Elke Nele Odo") {
		text += "Corhuber" + string(rune('a'+i)) + ";" + given + ";BE71096123456769;Dorf" + string(rune('a'+i)) + "\n"
	}
	got := readText(t, "csv", text, 1<<20).show()
	if !strings.Contains(got, "Anrede=given") || strings.Contains(got, "Ort=given") {
		t.Errorf("%s", got)
	}
}

func TestThoseWhoLookAfterOthersAreNotTheOnesWhomATableIsAbout(t *testing.T) {
	few := []string{"Jan Qorvenberg", "Marie Zeltmans", "Luc Brixhove", "Elke Duurlinck", "Sofie Oplegaerts", "Thomas Moorsveld"}
	got := kindsOfCSV(t, "AN;RN;BH;SD", func(i int) string {
		return fmt.Sprintf("Cor%chuber%c;Zad%ca;%s;%02d/%02d/2019", 'a'+i%26, 'a'+i/26, 'a'+i%19, few[i%len(few)], 1+i%28, 1+i%12)
	})
	if strings.Contains(got, "name") {
		t.Errorf("%s", got)
	}
}

func TestAColumnOfDaysIsOneWhateverItIsOf(t *testing.T) {
	got := kindsOfCSV(t, "Familienaam;Contract sinds;Contract", func(i int) string {
		return fmt.Sprintf("Qor%c;%02d.%02d.%d;vast", 'a'+i%26, 1+i%28, 1+i%12, 2001+i%20)
	})
	if got != "family date constant" {
		t.Errorf("%s", got)
	}
}

func TestAHeaderIsKnownAboveDaysInWords(t *testing.T) {
	text := "PERS;GEB;PL\n"
	for i := range 12 {
		text += fmt.Sprintf("Elke Corhuber%c;%d März 19%d;Dorlaar\n", 'a'+i, 1+i, 60+i)
	}
	if got := readText(t, "csv", text, 1<<20).show(); !strings.Contains(got, "PERS=") {
		t.Errorf("%s", got)
	}
}
