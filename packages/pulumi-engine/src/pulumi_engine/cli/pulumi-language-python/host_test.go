package main

import (
	"context"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

func TestCancelEndsWhatIsUnderWayAndNothingThatComesLater(t *testing.T) {
	host := newHost(t.Context(), "script", "address")
	before, done := host.operation(t.Context())
	defer done()
	if _, err := host.Cancel(t.Context(), &emptypb.Empty{}); err != nil {
		t.Fatal(err)
	}
	<-before.Done()
	after, done := host.operation(t.Context())
	defer done()
	if after.Err() != nil {
		t.Error("an operation that came after the cancelled one is cancelled too")
	}
}

func TestAnOperationEndsWithTheHost(t *testing.T) {
	stopping, stop := context.WithCancel(t.Context())
	operation, done := newHost(stopping, "script", "address").operation(t.Context())
	defer done()
	stop()
	<-operation.Done()
}

func TestTheHandshakeMayNameTheEngineAnew(t *testing.T) {
	host := newHost(t.Context(), "script", "old")
	if _, err := host.Handshake(t.Context(), &pulumirpc.LanguageHandshakeRequest{}); err != nil {
		t.Fatal(err)
	}
	if host.engineAddress() != "old" {
		t.Error("a handshake without an address changed it")
	}
	if _, err := host.Handshake(t.Context(), &pulumirpc.LanguageHandshakeRequest{EngineAddress: "new"}); err != nil {
		t.Fatal(err)
	}
	if host.engineAddress() != "new" {
		t.Error("the engine's new address is not used")
	}
}
