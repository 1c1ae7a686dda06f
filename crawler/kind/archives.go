package kind

import "regexp"

// archives are the places that keep or index what others publish.
func archives() []Kind {
	return []Kind{archiveOrg(), wayback(), commonCrawl(), ipfs(), softwareHeritage(), urlscan(), searxng()}
}

func compileAll(patterns ...string) (list []*regexp.Regexp) {
	for _, p := range patterns {
		list = append(list, regexp.MustCompile(p))
	}
	return list
}
