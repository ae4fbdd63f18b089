// Follows a resource with client-go's reflector and prints what it tells its store, a line each:
//
//	LIST N             it has listed, and found N objects
//	ADD NAME VERSION   likewise UPDATE and DELETE
//
// Runs until its standard input ends.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// printer is a cache.Store that keeps nothing.
type printer struct{}

func (printer) tell(what string, obj interface{}) error {
	object, err := meta.Accessor(obj)
	if err != nil {
		return err
	}
	_, err = fmt.Println(what, object.GetName(), object.GetResourceVersion())
	return err
}

func (p printer) Add(obj interface{}) error    { return p.tell("ADD", obj) }
func (p printer) Update(obj interface{}) error { return p.tell("UPDATE", obj) }
func (p printer) Delete(obj interface{}) error { return p.tell("DELETE", obj) }

func (p printer) Replace(objects []interface{}, _ string) error {
	fmt.Println("LIST", len(objects))
	return nil
}

func (printer) List() []interface{}                            { return nil }
func (printer) ListKeys() []string                             { return nil }
func (printer) Get(interface{}) (interface{}, bool, error)     { return nil, false, nil }
func (printer) GetByKey(key string) (interface{}, bool, error) { return nil, false, nil }
func (printer) Resync() error                                  { return nil }

func main() {
	kubeconfig := flag.String("kubeconfig", "", "whom to ask, and as whom")
	namespace := flag.String("namespace", "default", "")
	group := flag.String("group", "", "")
	version := flag.String("version", "v1", "")
	resource := flag.String("resource", "configmaps", "")
	flag.Parse()

	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		log.Fatal(err)
	}
	objects := client.Resource(schema.GroupVersionResource{Group: *group, Version: *version, Resource: *resource}).Namespace(*namespace)

	ctx, stop := context.WithCancel(context.Background())
	source := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			return objects.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			return objects.Watch(ctx, options)
		},
	}
	reflector := cache.NewReflector(source, &unstructured.Unstructured{}, printer{}, 0)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	reflector.RunWithContext(ctx)
}
