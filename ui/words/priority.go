package words

import "strconv"

// Priority is a priority other than the usual in words; one that is not
// between 1 and 5 is told by its number.
func Priority(p int) string {
	switch p {
	case 1, 2, 3, 4, 5:
		return Say("priority." + strconv.Itoa(p))
	}
	return Say("detail.priority", With{"N": p})
}
