package fingerprints

import (
	"encoding/binary"
	"math/big"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func sumKeyOf(seed uint64) *sumKey {
	var secret [sumBytes]byte
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := range secret {
		secret[i] = byte(rng.Uint32())
	}
	return newSumKey(&secret)
}

// bigSum is the definition, in big numbers.
func bigSum(k *sumKey, text []byte) [2]uint64 {
	var coefficients []*big.Int
	mask := new(big.Int).SetUint64(low56)
	for from := 0; from < len(text); from += sumBlock {
		block := make([]byte, sumBlock)
		copy(block, text[from:])
		nh := new(big.Int)
		for i := 0; i < sumWords; i += 2 {
			a := binary.LittleEndian.Uint64(block[8*i:]) + k.words[i]
			b := binary.LittleEndian.Uint64(block[8*i+8:]) + k.words[i+1]
			nh.Add(nh, new(big.Int).Mul(new(big.Int).SetUint64(a), new(big.Int).SetUint64(b)))
		}
		nh.And(nh, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1)))
		for range 3 {
			coefficients = append(coefficients, new(big.Int).And(nh, mask))
			nh.Rsh(nh, 56)
		}
	}
	coefficients = append(coefficients, big.NewInt(int64(len(text))))
	var out [2]uint64
	for i := range out {
		v := new(big.Int)
		for _, c := range coefficients {
			v.Mul(v, new(big.Int).SetUint64(k.poly[i][0])).Add(v, c).Mod(v, big.NewInt(sumPrime))
		}
		out[i] = v.Uint64()
	}
	return out
}

func TestTextSumIsItsDefinitionHoweverTheTextIsCut(t *testing.T) {
	k := sumKeyOf(1)
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		text := make([]byte, rapid.IntRange(0, 2000).Draw(t, "size"))
		for i := range text {
			text[i] = byte(rng.Uint32())
		}
		s := textSum{key: k}
		for rest := text; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "cut")
			s.write(rest[:n])
			rest = rest[n:]
		}
		got, want := s.sum(), bigSum(k, text)
		for i, w := range want {
			if binary.LittleEndian.Uint64(got[8*i:]) != w {
				t.Fatalf("polynomial %d: %x, want %x", i, got[8*i:8*i+8], w)
			}
		}
	})
}

func TestTextSumTellsTextsApart(t *testing.T) {
	seen := map[[24]byte]bool{}
	base := []byte("numer twaalf van de vergadering over het dossier in kwestie")
	for n := range base {
		for _, k := range []*sumKey{sumKeyOf(1), sumKeyOf(2)} {
			for _, zeros := range []int{0, 1, 255, 256, 257} {
				s := textSum{key: k}
				s.write(base[:n])
				s.write(make([]byte, zeros))
				if sum := s.sum(); seen[sum] && n+zeros > 0 {
					t.Fatalf("%d bytes and %d zeros agree with something else", n, zeros)
				} else {
					seen[sum] = true
				}
			}
		}
	}
}
