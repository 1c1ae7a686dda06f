package incident

import (
	"encoding/json"
	"fmt"
)

// MarshalYAML writes a text that holds for every language without keys.
func (t Text) MarshalYAML() (any, error) {
	if s, ok := t[""]; ok && len(t) == 1 {
		return s, nil
	}
	return map[string]string(t), nil
}

// MarshalJSON does as MarshalYAML.
func (t Text) MarshalJSON() ([]byte, error) {
	v, err := t.MarshalYAML()
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// UnmarshalJSON reads either form.
func (t *Text) UnmarshalJSON(raw []byte) error {
	var one string
	if err := json.Unmarshal(raw, &one); err == nil {
		*t = Text{}
		if one != "" {
			(*t)[""] = one
		}
		return nil
	}
	var many map[string]string
	if err := json.Unmarshal(raw, &many); err != nil {
		return fmt.Errorf("read text: %w", err)
	}
	*t = many
	return nil
}
