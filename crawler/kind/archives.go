package kind

// archives are the places that keep or index what others publish.
func archives() []Kind {
	return []Kind{}
}
