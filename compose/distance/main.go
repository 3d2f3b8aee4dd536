// A distance between a service and its database. The kernel could do it (netem), but not every kernel has
// that; toxiproxy is a proxy. It counts in whole milliseconds and lets a connection open at once, so the
// delay is a toxic of our own: in microseconds, with the round trip that opening a connection takes.
//
//	UPSTREAM=db:5432 distance 5500=500us 6000=1ms    a port for each round trip
package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/rs/zerolog"
)

// distance is what one direction of a connection is delayed by.
type distance struct {
	OneWayUs int64 `json:"one_way_us"`
	// Of the first data besides: TCP's own opening, which the proxy has answered without delay.
	OpeningUs int64 `json:"opening_us"`
}

// GetBufferSize lets data follow while earlier data is still under way.
func (*distance) GetBufferSize() int { return 1024 }

// Pipe hands on what arrives, each piece as late as the way is long.
func (way *distance) Pipe(stub *toxics.ToxicStub) {
	delay := time.Duration(way.OneWayUs+way.OpeningUs) * time.Microsecond
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			if chunk == nil {
				stub.Close()
				return
			}
			sleep(delay - time.Since(chunk.Timestamp))
			delay = time.Duration(way.OneWayUs) * time.Microsecond
			stub.Output <- chunk
		}
	}
}

// sleep asks the kernel: Go's own timers wait in whole milliseconds where nothing else is to be done.
func sleep(length time.Duration) {
	if length <= 0 {
		return
	}
	rest := syscall.NsecToTimespec(length.Nanoseconds())
	for syscall.Nanosleep(&rest, &rest) == syscall.EINTR {
	}
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "-health" {
		connection, err := net.DialTimeout("tcp", "127.0.0.1:"+os.Args[2], time.Second)
		check(err)
		check(connection.Close())
		return
	}
	upstream := os.Getenv("UPSTREAM")
	if upstream == "" || len(os.Args) == 1 {
		check(fmt.Errorf("give UPSTREAM=HOST:PORT and ports with their round trips, such as 5500=500us"))
	}
	toxics.Register("distance", new(distance))
	logger := zerolog.New(os.Stderr).Level(zerolog.ErrorLevel)
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), logger)
	for _, argument := range os.Args[1:] {
		port, roundTrip, err := parse(argument)
		check(err)
		proxy := toxiproxy.NewProxy(server, argument, ":"+port, upstream)
		if roundTrip > 0 {
			add(proxy, "upstream", roundTrip/2, roundTrip)
			add(proxy, "downstream", roundTrip/2, 0)
		}
		check(proxy.Start())
		fmt.Printf("port %s: a round trip of %s to %s\n", port, roundTrip, upstream)
	}
	select {}
}

func parse(argument string) (port string, roundTrip time.Duration, err error) {
	port, text, _ := strings.Cut(argument, "=")
	roundTrip, err = time.ParseDuration(text)
	if err == nil && (roundTrip < 0 || roundTrip > time.Second) {
		err = fmt.Errorf("%s: give a round trip from 0s to 1s", argument)
	}
	return port, roundTrip, err
}

func add(proxy *toxiproxy.Proxy, stream string, oneWay, opening time.Duration) {
	_, err := proxy.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(
		`{"type":"distance","stream":%q,"attributes":{"one_way_us":%d,"opening_us":%d}}`,
		stream, oneWay.Microseconds(), opening.Microseconds())))
	check(err)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
