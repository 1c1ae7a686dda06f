package kind

// pastes are the paste servers and small file hosts.
func pastes() []Kind {
	return []Kind{}
}
