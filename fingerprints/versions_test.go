package fingerprints

import "testing"

func TestVersionsOfADocumentHaveOneStem(t *testing.T) {
	for _, same := range [][]string{
		{"a/rapport.docx", "a/rapport_v1.docx", "b/Rapport-v2.3.pdf", "rapport_final.docx", "Rapport FINAL v2.docx", "rapport (2).docx", "rapport - kopie.docx", "rapport_draft.odt", "rapport versie 3.txt", "rapport_v2_def.docx"},
		{"dossier/v1.txt", "dossier/v2.txt", "dossier/final.txt"},
	} {
		for _, name := range same[1:] {
			if documentStem(name) != documentStem(same[0]) {
				t.Errorf("%s: %q, not %q", name, documentStem(name), documentStem(same[0]))
			}
		}
	}
	for _, other := range [][2]string{{"brief_001.txt", "brief_002.txt"}, {"brief 1.txt", "brief 2.txt"}, {"a/v1.txt", "b/v1.txt"}, {"verslag-2023-01.pdf", "verslag-2023-02.pdf"}, {"vondel.txt", "v.txt"}, {"renew.txt", "re.txt"}} {
		if documentStem(other[0]) == documentStem(other[1]) {
			t.Errorf("%s and %s are taken for versions", other[0], other[1])
		}
	}
}
