package lower
import ("testing";"os";"strings";"path/filepath";"fmt"
"github.com/ezkl-go/ezkl/internal/onnx")
func TestDump(t *testing.T) {
	for _, name := range strings.Split(os.Getenv("ONLY"), ",") {
		g, err := onnx.Load(filepath.Join(modelFolder, name, "network.onnx"), onnx.Options{Variables: map[string]int{"batch_size": 1}})
		if err != nil { t.Log(err); continue }
		fmt.Println("##", name)
		for i, n := range g.Nodes {
			if i > 200 { fmt.Println("..."); break }
			fmt.Printf("%s(", n.Op)
			for _, v := range n.Inputs { if v == nil { fmt.Print("nil, "); continue }; if v.Const != nil { s := "c"; if v.Const.Len() <= 4 { s = ""; for k := range v.Const.Len() { s += fmt.Sprint(v.Const.Float(k), " ") } }; fmt.Printf("%v=%s, ", v.Shape, s) } else { fmt.Printf("%s%v %v, ", v.Name, v.Shape, v.Type) } }
			fmt.Printf(") -> ")
			for _, v := range n.Outputs { if v != nil { fmt.Printf("%s%v %v ", v.Name, v.Shape, v.Type) } }
			fmt.Println(n.Attrs)
		}
	}
}
