// Says of each document on stdin, behind its length of four bytes, whether encoding/json takes it: a byte.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
)

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		var length uint32
		if binary.Read(in, binary.BigEndian, &length) != nil {
			return
		}
		data := make([]byte, length)
		if _, err := io.ReadFull(in, data); err != nil {
			return
		}
		var value any
		if json.Unmarshal(data, &value) == nil {
			out.WriteByte(1)
		} else {
			out.WriteByte(0)
		}
	}
}
