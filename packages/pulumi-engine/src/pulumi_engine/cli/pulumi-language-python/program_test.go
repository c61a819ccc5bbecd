package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/protobuf/types/known/structpb"
)

func programWith(t *testing.T, options map[string]any) *pulumirpc.ProgramInfo {
	t.Helper()
	values, err := structpb.NewStruct(options)
	if err != nil {
		t.Fatal(err)
	}
	return &pulumirpc.ProgramInfo{
		RootDirectory: "/project", ProgramDirectory: "/project/program", EntryPoint: ".", Options: values,
	}
}

func TestOptionsOfTheProjectChooseTheToolchain(t *testing.T) {
	options, err := pythonOptions(programWith(t, map[string]any{
		"toolchain": "uv", "virtualenv": ".venv", "typechecker": "mypy",
	}))
	if err != nil {
		t.Fatal(err)
	}
	expected := toolchain.PythonOptions{
		Root: "/project", ProgramDir: "/project/program", Virtualenv: ".venv",
		Typechecker: toolchain.TypeCheckerMypy, Toolchain: toolchain.Uv,
	}
	if options != expected {
		t.Errorf("got %+v, want %+v", options, expected)
	}
}

func TestOptionsThatAreNotKnownAreErrorsThatNameTheChoice(t *testing.T) {
	for name, text := range map[string]string{
		"toolchain": "pip, poetry or uv", "typechecker": "mypy or pyright",
	} {
		_, err := pythonOptions(programWith(t, map[string]any{name: "uvx"}))
		if err == nil || !strings.Contains(err.Error(), text) || !strings.Contains(err.Error(), "uvx") {
			t.Errorf("%s: got %v, want an error with %q", name, err, text)
		}
	}
	if _, err := pythonOptions(programWith(t, map[string]any{"virtualenv": true})); err == nil {
		t.Error("an option that is no text was accepted")
	}
}

func TestAStackWithoutConfigurationSetsNoVariable(t *testing.T) {
	variables, err := configVariables(&pulumirpc.RunRequest{})
	if err != nil || len(variables) != 0 {
		t.Errorf("got %v, %v; want none", variables, err)
	}
}

func TestConfigurationIsPassedAsJSON(t *testing.T) {
	variables, err := configVariables(&pulumirpc.RunRequest{
		Config:           map[string]string{"a:key": `say "x"`},
		ConfigSecretKeys: []string{"a:key"},
	})
	if err != nil {
		t.Fatal(err)
	}
	expected := []string{`PULUMI_CONFIG={"a:key":"say \"x\""}`, `PULUMI_CONFIG_SECRET_KEYS=["a:key"]`}
	if !slices.Equal(variables, expected) {
		t.Errorf("got %v, want %v", variables, expected)
	}
}

func TestTheEntryPointComesAfterTheFlagsAndBeforeItsArguments(t *testing.T) {
	arguments := scriptArguments(&pulumirpc.RunRequest{
		Stack: "local", DryRun: true, Parallel: 4, Args: []string{"extra"}, Info: programWith(t, nil),
	}, "127.0.0.1:1")
	if tail := arguments[len(arguments)-2:]; !slices.Equal(tail, []string{".", "extra"}) {
		t.Errorf("the arguments end with %v", tail)
	}
	for _, pair := range [][2]string{
		{"--engine", "127.0.0.1:1"}, {"--stack", "local"}, {"--dry_run", "true"}, {"--parallel", "4"},
		{"--pwd", "/project/program"}, {"--root_directory", "/project"},
	} {
		at := slices.Index(arguments, pair[0])
		if at < 0 || arguments[at+1] != pair[1] {
			t.Errorf("%s is not %q in %v", pair[0], pair[1], arguments)
		}
	}
}

func TestHowAProgramEndsIsTheAnswer(t *testing.T) {
	for code, expected := range map[string]*pulumirpc.RunResponse{
		"0":  {},
		"3":  {Error: "Program exited with non-zero exit code: 3"},
		"32": {Bail: true}, // the user has been told already
	} {
		answer, err := outcome(exec.Command("/bin/sh", "-c", "exit "+code).Run())
		if err != nil {
			t.Fatal(err)
		}
		if answer.Error != expected.Error || answer.Bail != expected.Bail {
			t.Errorf("exit code %s: got %v, want %v", code, answer, expected)
		}
	}
	if _, err := outcome(errors.New("no such file")); err == nil {
		t.Error("a program that could not be started is not an error of the call")
	}
}

func TestThePythonVersionIsReadFromEitherKindOfVirtualEnvironment(t *testing.T) {
	for _, text := range []string{"home = /usr\nversion = 3.11.7\n", "home = /usr\nversion_info = 3.11.7\n"} {
		venv := t.TempDir()
		if err := os.WriteFile(filepath.Join(venv, "pyvenv.cfg"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if version := recordedPythonVersion(venv); version != "3.11.7" {
			t.Errorf("got %q from %q", version, text)
		}
	}
	if version := recordedPythonVersion(t.TempDir()); version != "" {
		t.Errorf("got %q from a folder that is no virtual environment", version)
	}
}
