//go:build amd64 && !purego

#include "textflag.h"

// EACH is a constant of which each byte is the same, HALVES one of two equal halves.
#define EACH(name, eight) HALVES(name, eight, eight)
#define HALVES(name, low, high) \
	DATA name+0(SB)/8, low \
	DATA name+8(SB)/8, high \
	DATA name+16(SB)/8, low \
	DATA name+24(SB)/8, high \
	GLOBL name(SB), RODATA|NOPTR, $32

EACH(lower<>, $0x2020202020202020) // a capital's and a small letter's difference
EACH(toZ<>, $0x0505050505050505)   // makes a to z the greatest signed bytes
EACH(fromA<>, $0x6565656565656565) // and these greater
EACH(to9<>, $0x4646464646464646)   // makes 0 to 9 the greatest signed bytes
EACH(from0<>, $0x7575757575757575) // and these greater
EACH(forty<>, $0x4040404040404040) // leaves, saturating, following bytes alone positive, which high was taken from
EACH(one<>, $0x0101010101010101)
EACH(high<>, $0x8080808080808080)  // a following byte is less than 0x40 without it, a first one no less, and ASCII negative
EACH(last<>, $0x3f3f3f3f3f3f3f3f)  // the last following byte without it
EACH(rows<>, $0x3030303030303030)  // leaves C0 to CF positive without high, and no other first byte
EACH(quote<>, $0x2b2b2b2b2b2b2b2b) // where rowB begins, without high
EACH(pair<>, $0xfefefefefefefefe)  // without the bit in which two neighbours differ
EACH(c2<>, $0xc2c2c2c2c2c2c2c2)
EACH(c3<>, $0xc3c3c3c3c3c3c3c3)
EACH(c4<>, $0xc4c4c4c4c4c4c4c4)
EACH(c5<>, $0xc5c5c5c5c5c5c5c5)
EACH(e2<>, $0xe2e2e2e2e2e2e2e2)
EACH(aa<>, $0xaaaaaaaaaaaaaaaa)
EACH(bf<>, $0xbfbfbfbfbfbfbfbf)
EACH(ij<>, $0x3232323232323232) // second bytes of U+0132, without high and the lowest bit
EACH(oe<>, $0x1212121212121212) // of U+0152
EACH(letterA<>, $0x6161616161616161)
EACH(letterI<>, $0x6969696969696969)
EACH(letterO<>, $0x6f6f6f6f6f6f6f6f)
EACH(sharpY<>, $0x0a0a0a0a0a0a0a0a) // the difference of s and y

// What U+00C0 to U+00CF become, and 0x20 more: of two letters the second.
HALVES(rowC<>, $0x6365616161616161, $0x6969696965656565)
// U+00D0 to U+00DF.
HALVES(rowD<>, $0x006f6f6f6f6f6e64, $0x736879757575756f)
// U+00AB to U+00BA; the first ones are U+00BB, and U+00BF, too.
HALVES(rowB<>, $0x3200000000000000, $0x6f31000000750033)
// The first of the two letters that those of rowC become.
HALVES(firstC<>, $0x0061000000000000, $0x0000000000000000)
// Of rowD.
HALVES(firstD<>, $0x0000000000000000, $0x7374000000000000)
// From which second byte on, less 0x80, the first byte C0 to CF begins a character that needs more: behind most, any.
HALVES(known<>, $0x000000003f3c0000, $0x0000000000000000)

// From which second byte on, less 0x80, by its lower half, the first byte C2 begins a character that becomes something.
HALVES(signs<>, $0x4040354033324040, $0x403e3d3c402a3940)

// U+0100 to U+010F, and so on.
HALVES(row10<>, $0x6363616161616161, $0x6464636363636363)
HALVES(row11<>, $0x6565656565656464, $0x6767676765656565)
HALVES(row12<>, $0x6868686867676767, $0x6969696969696969)
HALVES(row13<>, $0x6b6b6a6a6a6a6969, $0x6c6c6c6c6c6c6c6b)
HALVES(row14<>, $0x6e6e6e6e6e6c6c6c, $0x6f6f6f6f6e6e6e6e)
HALVES(row15<>, $0x7272727265656f6f, $0x7373737373737272)
HALVES(row16<>, $0x7474747474747373, $0x7575757575757575)
HALVES(row17<>, $0x7979777775757575, $0x737a7a7a7a7a7a79)

// EIGHT writes those of eight bytes of X that one byte of DX tells of: of the upper eight with a table of 2048 bytes further.
#define EIGHT(mask, n, table, X) \
	MOVBLZX mask, n \
	VPSHUFB table(R8)(n*8), X, X6 \
	VMOVQ X6, (DI) \
	POPCNTL n, n \
	ADDQ n, DI

// WRITE writes those bytes of Y10 that DX tells of.
#define WRITE \
	EIGHT(DL, R10, 0, X10) \
	EIGHT(DH, BX, 2048, X10) \
	VEXTRACTI128 $1, Y10, X10 \
	SHRL $16, DX \
	EIGHT(DL, R10, 0, X10) \
	EIGHT(DH, BX, 2048, X10)

// SIXTYFOUR adds to Y1 what four rows say of following bytes behind one first byte. Y5 has the fourth bit of each as its
// highest, Y6 the fifth.
#define SIXTYFOUR(row0, row1, row2, row3, before) \
	VMOVDQU row0, Y7 \
	VPSHUFB Y2, Y7, Y7 \
	VMOVDQU row1, Y8 \
	VPSHUFB Y2, Y8, Y8 \
	VPBLENDVB Y5, Y8, Y7, Y7 \
	VMOVDQU row2, Y8 \
	VPSHUFB Y2, Y8, Y8 \
	VMOVDQU row3, Y0 \
	VPSHUFB Y2, Y0, Y0 \
	VPBLENDVB Y5, Y0, Y8, Y8 \
	VPBLENDVB Y6, Y8, Y7, Y7 \
	VPCMPEQB before, Y4, Y8 \
	VPAND Y8, Y7, Y7 \
	VPOR Y7, Y1, Y1

// What a vector becomes is written after the next one was looked at: a processor may hold back what it reads until it
// knows where all that comes before it is written, which here depends on how much was kept.
//
// func foldAVX2(to, from *byte, n int, packing *[513]uint64) (took, kept int)
TEXT ·foldAVX2(SB), NOSPLIT, $0-48
	MOVQ to+0(FP), DI
	MOVQ from+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ packing+24(FP), R8
	MOVQ SI, R11
	VMOVDQU lower<>(SB), Y15
	VMOVDQU toZ<>(SB), Y14
	VMOVDQU to9<>(SB), Y13
	VMOVDQU fromA<>(SB), Y12
	VMOVDQU from0<>(SB), Y11
	VMOVDQU high<>(SB), Y9
	VMOVDQU c3<>(SB), Y8
	VPXOR Y10, Y10, Y10          // what is not written yet
	XORL DX, DX
	SUBQ $32, CX
	JLT done

	PCALIGN $64
next:
	VMOVDQU (SI), Y0
	VPOR Y15, Y0, Y1
	VPADDB Y14, Y1, Y2
	VPADDB Y13, Y0, Y3
	VPCMPGTB Y12, Y2, Y2
	VPCMPGTB Y11, Y3, Y3
	VPOR Y3, Y2, Y2              // letters and digits
	VPMOVMSKB Y0, BX
	VPMOVMSKB Y2, AX
	TESTL BX, BX
	JNZ wide

whole:
	ADDQ $32, SI

write:
	WRITE
	VMOVDQA Y1, Y10
	MOVL AX, DX
	SUBQ $32, CX
	JGE next

done:
	WRITE
	VZEROUPPER
	SUBQ from+8(FP), SI
	MOVQ SI, took+32(FP)
	SUBQ to+0(FP), DI
	MOVQ DI, kept+40(FP)
	RET

	// Most accents and signs: U+00C0 to U+00FE, those of U+0080 to U+00BF that become nothing, and U+2000 to U+203F.
wide:
	CMPQ SI, R11
	JEQ begins
	VPAND Y2, Y1, Y1             // what becomes of ASCII, otherwise nothing
	VPXOR Y9, Y0, Y2
	VPXOR 1(SI), Y9, Y3          // what follows each byte
	VPADDUSB forty<>(SB), Y2, Y4
	VPCMPGTB last<>(SB), Y2, Y2  // first bytes
	VMOVDQU rowC<>(SB), Y5
	VPSHUFB Y4, Y5, Y5          // the second bytes of U+00C0 to U+00FE
	VMOVDQU rowD<>(SB), Y6
	VPSHUFB Y4, Y6, Y6
	VPSLLW $3, Y4, Y4
	VPBLENDVB Y4, Y6, Y5, Y5
	VPCMPEQB -1(SI), Y8, Y6
	VPAND Y6, Y5, Y5
	VPOR Y5, Y1, Y1
	VPCMPEQB Y0, Y8, Y7          // the first bytes of those that become two letters
	VMOVDQU firstC<>(SB), Y5
	VPSHUFB Y3, Y5, Y5
	VMOVDQU firstD<>(SB), Y6
	VPSHUFB Y3, Y6, Y6
	VPSLLW $3, Y3, Y4
	VPBLENDVB Y4, Y6, Y5, Y5
	VPAND Y7, Y5, Y5
	VPOR Y5, Y1, Y1
	VPCMPEQB e2<>(SB), Y0, Y4    // from which second byte on that does not do: behind most first bytes, from the first one on
	VPAND one<>(SB), Y4, Y4
	VPCMPEQB c2<>(SB), Y0, Y5
	VMOVDQU signs<>(SB), Y6
	VPSHUFB Y3, Y6, Y6
	VPBLENDVB Y5, Y6, Y4, Y4
	VPBLENDVB Y7, last<>(SB), Y4, Y4
	VPCMPGTB Y3, Y4, Y4
	VPANDN Y2, Y4, Y4
	VPMOVMSKB Y4, BX
	TESTL BX, BX
	JNZ rarer
	VPCMPEQB Y4, Y1, Y4
	VPMOVMSKB Y4, AX
	NOTL AX
	JMP whole

begins:
	VPXOR Y4, Y4, Y4
	VPERM2I128 $0x21, Y0, Y4, Y4
	VPALIGNR $15, Y4, Y0, Y4
	JMP behind

rarer:
	VMOVDQU -1(SI), Y4           // what stands before each byte

behind:
	VPOR lower<>(SB), Y0, Y1
	VPADDB toZ<>(SB), Y1, Y2
	VPADDB to9<>(SB), Y0, Y3
	VPCMPGTB fromA<>(SB), Y2, Y2
	VPCMPGTB from0<>(SB), Y3, Y3
	VPOR Y3, Y2, Y2
	VPAND Y2, Y1, Y1
	VPXOR high<>(SB), Y0, Y2
	VMOVDQU 1(SI), Y3
	VPXOR high<>(SB), Y3, Y3
	VPCMPGTB last<>(SB), Y2, Y9
	VPANDN Y4, Y9, Y4            // before first bytes nothing: the character is broken

	// The second bytes of U+00C0 to U+00FF. Of ASCII the tables tell nothing.
	VMOVDQU rowC<>(SB), Y5
	VPSHUFB Y2, Y5, Y5
	VMOVDQU rowD<>(SB), Y6
	VPSHUFB Y2, Y6, Y6
	VPSLLW $3, Y2, Y7
	VPBLENDVB Y7, Y6, Y5, Y5
	VPCMPEQB c3<>(SB), Y4, Y6
	VPAND Y6, Y5, Y5
	VPOR Y5, Y1, Y1

	// Those of U+0080 to U+00BB.
	VMOVDQU rowB<>(SB), Y6
	VPSUBSB quote<>(SB), Y2, Y5
	VPSHUFB Y5, Y6, Y5
	VPCMPEQB aa<>(SB), Y0, Y6
	VPAND letterA<>(SB), Y6, Y6
	VPOR Y6, Y5, Y5
	VPCMPEQB c2<>(SB), Y4, Y6
	VPAND Y6, Y5, Y5
	VPOR Y5, Y1, Y1

	// The first bytes of those of U+00C0 to U+00FF that become two letters.
	VMOVDQU firstC<>(SB), Y5
	VPSHUFB Y3, Y5, Y5
	VMOVDQU firstD<>(SB), Y6
	VPSHUFB Y3, Y6, Y6
	VPSLLW $3, Y3, Y7
	VPBLENDVB Y7, Y6, Y5, Y5
	VPCMPEQB c3<>(SB), Y0, Y6
	VPAND Y6, Y5, Y5
	VPOR Y5, Y1, Y1

	// First bytes for which that does not do. Of one that ASCII follows nothing becomes, whichever it is.
	VMOVDQU known<>(SB), Y6
	VPADDB rows<>(SB), Y2, Y5
	VPSHUFB Y5, Y6, Y6
	VPCMPGTB Y3, Y6, Y6
	VPCMPEQB e2<>(SB), Y0, Y5
	VPXOR Y8, Y8, Y8
	VPCMPEQB Y8, Y3, Y7
	VPAND Y7, Y5, Y5             // E2 80
	VPOR Y5, Y6, Y6
	VPANDN Y9, Y6, Y9
	VPMOVMSKB Y9, BX
	VPCMPEQB Y8, Y1, Y7
	VPMOVMSKB Y7, AX
	NOTL AX
	TESTL BX, BX
	JZ taken

	// Of U+00BF comes nothing, and U+00FF is taken for U+00DF.
	VPCMPEQB last<>(SB), Y3, Y6
	VPAND pair<>(SB), Y0, Y5
	VPCMPEQB c2<>(SB), Y5, Y5
	VPAND Y6, Y5, Y5
	VPANDN Y9, Y5, Y9
	VPCMPEQB c3<>(SB), Y0, Y6
	VPAND Y6, Y5, Y5
	VPANDN Y1, Y5, Y1
	VPCMPEQB bf<>(SB), Y0, Y5
	VPCMPEQB c3<>(SB), Y4, Y6
	VPAND Y6, Y5, Y5
	VPAND sharpY<>(SB), Y5, Y5
	VPXOR Y5, Y1, Y1

	// U+0100 to U+017F.
	VPCMPEQB c4<>(SB), Y0, Y7
	VPCMPEQB c5<>(SB), Y0, Y8
	VPANDN Y9, Y7, Y9
	VPANDN Y9, Y8, Y9
	VPAND pair<>(SB), Y3, Y6
	VPCMPEQB ij<>(SB), Y6, Y5
	VPAND letterI<>(SB), Y5, Y5
	VPAND Y7, Y5, Y5
	VPOR Y5, Y1, Y1
	VPCMPEQB oe<>(SB), Y6, Y5
	VPAND letterO<>(SB), Y5, Y5
	VPAND Y8, Y5, Y5
	VPOR Y5, Y1, Y1
	VPSLLW $3, Y2, Y5
	VPSLLW $2, Y2, Y6
	SIXTYFOUR(row10<>(SB), row11<>(SB), row12<>(SB), row13<>(SB), c4<>(SB))
	SIXTYFOUR(row14<>(SB), row15<>(SB), row16<>(SB), row17<>(SB), c5<>(SB))

	VPXOR Y8, Y8, Y8
	VPCMPEQB Y8, Y1, Y7
	VPMOVMSKB Y7, AX
	NOTL AX
	VPMOVMSKB Y9, BX
	TESTL BX, BX
	JNZ stop

	// If the last byte begins a character, what follows might not be known for its end: the next vector begins there.
taken:
	MOVBLZX 31(SI), BX
	XORL R10, R10
	CMPL BX, $0xc0
	SETCC R10
	MOVL $32, BX
	SUBL R10, BX
	ADDQ BX, SI
	ADDQ R10, CX
	SHLXL R10, AX, AX
	SHRXL R10, AX, AX
	VMOVDQU high<>(SB), Y9
	VMOVDQU c3<>(SB), Y8
	JMP write

stop:
	TZCNTL BX, BX
	ADDQ BX, SI
	MOVL $1, R10
	SHLXL BX, R10, R10
	DECL R10
	ANDL R10, AX
	MOVQ $0, CX
	JMP write
