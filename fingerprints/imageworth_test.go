package fingerprints

import "testing"

func TestWhatImagesShowTwiceWeighsOnce(t *testing.T) {
	hit := func(number, image int, row uint32, bits float64) imageHit {
		return imageHit{image: [2]int{number, image}, row: row, bits: bits}
	}
	for name, c := range map[string]struct {
		hits []imageHit
		want float64
	}{
		"one page":                              {[]imageHit{hit(1, 1, 7, 40)}, 40},
		"two pages":                             {[]imageHit{hit(1, 1, 7, 40), hit(2, 1, 8, 30)}, 70},
		"two images on one page":                {[]imageHit{hit(1, 1, 7, 40), hit(1, 2, 8, 30)}, 70},
		"the same page on three of the item's":  {[]imageHit{hit(1, 1, 7, 30), hit(2, 1, 7, 40), hit(3, 1, 7, 30)}, 40},
		"one image on three of the file's":      {[]imageHit{hit(1, 1, 7, 30), hit(1, 1, 8, 30), hit(1, 1, 9, 31)}, 31},
		"the same logo on all of either":        {[]imageHit{hit(1, 1, 7, 30), hit(1, 1, 8, 30), hit(2, 1, 7, 30), hit(2, 1, 8, 30)}, 30},
		"a logo on all, and a page of its own":  {[]imageHit{hit(1, 1, 7, 30), hit(2, 1, 7, 30), hit(3, 1, 8, 50)}, 80},
		"groups that are one by a later image":  {[]imageHit{hit(1, 1, 7, 30), hit(2, 1, 8, 35), hit(3, 1, 7, 30), hit(3, 1, 8, 30)}, 35},
		"of a document too damaged for numbers": {[]imageHit{hit(0, 1, 7, 30), hit(0, 2, 8, 30)}, 60},
	} {
		if got, own := pageWorth(c.hits); got != c.want || own != c.want {
			t.Errorf("%s: %v bits, %v of them somebody's own, instead of %v", name, got, own, c.want)
		}
	}
}

func TestPartsOfAFormWeighNoMoreForBeingMany(t *testing.T) {
	hit := func(image int, row uint32, bits float64, capped bool) imageHit {
		return imageHit{image: [2]int{image, 1}, row: row, bits: bits, capped: capped}
	}
	for name, c := range map[string]struct {
		hits     []imageHit
		all, own float64
	}{
		"one":                      {[]imageHit{hit(1, 7, 48, true)}, 48, 0},
		"two":                      {[]imageHit{hit(1, 7, 48, true), hit(2, 8, 48, true)}, 48, 0},
		"two and a page":           {[]imageHit{hit(1, 7, 48, true), hit(2, 8, 40, true), hit(3, 9, 100, false)}, 100, 100},
		"two and a weak page":      {[]imageHit{hit(1, 7, 48, true), hit(2, 8, 40, true), hit(3, 9, 30, false)}, 48, 30},
		"the page seen, as well":   {[]imageHit{hit(1, 7, 48, true), hit(2, 7, 90, false)}, 90, 90},
		"two pages, one of a form": {[]imageHit{hit(1, 7, 40, false), hit(2, 8, 40, false), hit(3, 9, 48, true)}, 80, 80},
	} {
		if all, own := pageWorth(c.hits); all != c.all || own != c.own {
			t.Errorf("%s: %v bits, %v of them somebody's own, instead of %v and %v", name, all, own, c.all, c.own)
		}
	}
}
