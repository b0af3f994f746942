"""Classical models as scikit-learn, XGBoost and LightGBM train them and their converters export them.

bench/classical.py runs them all against onnxruntime; run as a script, this writes a few small ones as test models. needs: pip install onnx onnxruntime scikit-learn skl2onnx onnxmltools xgboost lightgbm
"""
import warnings

import numpy as np
import onnx.helper
from sklearn import cluster, datasets, decomposition, ensemble, linear_model, neighbors, neural_network, preprocessing, svm, tree
from sklearn.pipeline import make_pipeline
import lightgbm, onnxmltools, skl2onnx, xgboost
from onnxmltools.convert.common.data_types import FloatTensorType

warnings.filterwarnings("ignore")

# converters hand over numpy numbers and booleans, which newer onnx packages refuse
_make_attribute = onnx.helper.make_attribute


def _plain(v):
    if isinstance(v, np.ndarray):
        v = v.tolist()
    if isinstance(v, (list, tuple)):
        return [_plain(x) for x in v]
    if isinstance(v, np.generic):
        v = v.item()
    return int(v) if isinstance(v, bool) else v


onnx.helper.make_attribute = lambda key, value, *a, **k: _make_attribute(key, _plain(value), *a, **k)

CANCER, IRIS, WINE, DIABETES = (f(return_X_y=True) for f in (
    datasets.load_breast_cancer, datasets.load_iris, datasets.load_wine, datasets.load_diabetes))
DIGITS = datasets.load_digits(return_X_y=True)
FLOWERS = (IRIS[0], IRIS[0][:, 3] * 2 + IRIS[1])  # a regression
CALIFORNIA = datasets.make_regression(600, 20, n_informative=12, noise=5, random_state=3)

CASES = {}  # name: function that gives (model, X)


def sk(name, model, data, options=None):
    def make(change=None):
        x, y = data[0].astype(np.float32), data[1]
        if change:
            change(model)
        model.fit(x, y)
        return skl2onnx.to_onnx(model, x[:1], target_opset={"": 18, "ai.onnx.ml": 3}, options=options), x
    CASES[name] = make


def boosted(name, model, data, convert):
    def make(change=None):
        x, y = data[0].astype(np.float32), data[1]
        if change:
            change(model)
        model.fit(x, y)
        return convert(model, initial_types=[("input", FloatTensorType([None, x.shape[1]]))], target_opset=15), x
    CASES[name] = make


scaled = lambda m: make_pipeline(preprocessing.StandardScaler(), m)

sk("logistic regression", linear_model.LogisticRegression(max_iter=5000), IRIS)
sk("logistic regression raw", linear_model.LogisticRegression(max_iter=9000), CANCER)
sk("logistic regression scaled", scaled(linear_model.LogisticRegression()), CANCER)
sk("logistic regression digits", linear_model.LogisticRegression(max_iter=300), DIGITS)
sk("linear regression", linear_model.LinearRegression(), DIABETES)
sk("linear svc", scaled(svm.LinearSVC()), WINE, {svm.LinearSVC: {"nocl": False}})
sk("svc rbf", scaled(svm.SVC()), WINE)
sk("svc rbf two classes", scaled(svm.SVC()), CANCER)
sk("svc rbf probability", scaled(svm.SVC(probability=True)), CANCER)
sk("svc poly", scaled(svm.SVC(kernel="poly")), IRIS)
sk("svc sigmoid", scaled(svm.SVC(kernel="sigmoid")), IRIS)
sk("svr rbf", scaled(svm.SVR(C=100)), DIABETES)
sk("svr linear", scaled(svm.SVR(kernel="linear")), DIABETES)
sk("sgd robust", make_pipeline(preprocessing.RobustScaler(), linear_model.SGDClassifier(random_state=0)), WINE)
sk("decision tree", tree.DecisionTreeClassifier(random_state=0), IRIS)
sk("decision tree regressor", tree.DecisionTreeRegressor(max_depth=5, random_state=0), DIABETES)
sk("random forest", ensemble.RandomForestClassifier(100, random_state=0), CANCER)
sk("random forest three classes", ensemble.RandomForestClassifier(20, random_state=0), WINE)
sk("random forest regressor", ensemble.RandomForestRegressor(20, max_depth=8, random_state=0), DIABETES)
sk("extra trees", ensemble.ExtraTreesClassifier(20, random_state=0), WINE)
sk("gradient boosting", ensemble.GradientBoostingClassifier(n_estimators=50, random_state=0), CANCER)
sk("gradient boosting three classes", ensemble.GradientBoostingClassifier(n_estimators=20, random_state=0), WINE)
sk("gradient boosting regressor", ensemble.GradientBoostingRegressor(n_estimators=50, random_state=0), DIABETES)
sk("histogram boosting", ensemble.HistGradientBoostingClassifier(max_iter=30, random_state=0), CANCER)
sk("histogram boosting regressor", ensemble.HistGradientBoostingRegressor(max_iter=30, random_state=0), CALIFORNIA)
sk("bagging", ensemble.BaggingClassifier(n_estimators=5, random_state=0), WINE)
sk("isolation forest", ensemble.IsolationForest(n_estimators=10, random_state=0), WINE)
sk("k-means", cluster.KMeans(3, random_state=0, n_init=3), IRIS)
sk("mlp", scaled(neural_network.MLPClassifier(hidden_layer_sizes=(16, 8), max_iter=800, random_state=0)), WINE)
sk("mlp digits", make_pipeline(preprocessing.MinMaxScaler(), neural_network.MLPClassifier(hidden_layer_sizes=(32,), max_iter=60, random_state=0)), DIGITS)
sk("mlp regressor", scaled(neural_network.MLPRegressor(hidden_layer_sizes=(16, 8), max_iter=500, random_state=0)), DIABETES)
sk("nearest neighbours", neighbors.KNeighborsClassifier(3), (IRIS[0][::3], IRIS[1][::3]))
sk("nearest neighbours regressor", neighbors.KNeighborsRegressor(3), (FLOWERS[0][::3], FLOWERS[1][::3]))
sk("pca", make_pipeline(decomposition.PCA(3), linear_model.Ridge()), DIABETES)
sk("min-max", make_pipeline(preprocessing.MinMaxScaler(), linear_model.Ridge()), DIABETES)
sk("normalizer", make_pipeline(preprocessing.Normalizer(), linear_model.LogisticRegression()), IRIS)
sk("binarizer", make_pipeline(preprocessing.Binarizer(threshold=1.5), linear_model.LogisticRegression()), IRIS)
boosted("xgboost classifier", xgboost.XGBClassifier(n_estimators=50, max_depth=4), CANCER, onnxmltools.convert_xgboost)
boosted("xgboost three classes", xgboost.XGBClassifier(n_estimators=10, max_depth=4), WINE, onnxmltools.convert_xgboost)
boosted("xgboost regressor", xgboost.XGBRegressor(n_estimators=100, max_depth=6), CALIFORNIA, onnxmltools.convert_xgboost)
boosted("lightgbm classifier", lightgbm.LGBMClassifier(n_estimators=50, verbose=-1), CANCER, onnxmltools.convert_lightgbm)
boosted("lightgbm three classes", lightgbm.LGBMClassifier(n_estimators=10, verbose=-1), WINE, onnxmltools.convert_lightgbm)
boosted("lightgbm regressor", lightgbm.LGBMRegressor(n_estimators=100, verbose=-1), CALIFORNIA, onnxmltools.convert_lightgbm)

CARRIED = ("logistic regression", "linear svc", "svc rbf", "decision tree", "gradient boosting three classes", "nearest neighbours", "xgboost three classes", "lightgbm three classes")


def carry():
    """Writes small models of CASES with onnxruntime's outputs for one row, as internal/onnx/testdata/classical.jsonl."""
    import base64, json, os
    import onnxruntime as ort
    here = os.path.dirname(os.path.abspath(__file__))
    small = {"gradient boosting three classes": lambda m: m.set_params(n_estimators=3), "xgboost three classes": lambda m: m.set_params(n_estimators=3),
             "lightgbm three classes": lambda m: m.set_params(n_estimators=3)}
    with open(os.path.join(here, "..", "..", "internal", "onnx", "testdata", "classical.jsonl"), "w") as f:
        for name in CARRIED:
            model, x = CASES[name](small.get(name))
            s = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
            row = x[len(x) // 2: len(x) // 2 + 1]
            flat = lambda o: [v for m in o for v in m.values()] if isinstance(o, list) else o.reshape(-1).tolist()  # noqa: E731
            f.write(json.dumps({"case": "classical/" + name, "model": base64.b64encode(model.SerializeToString()).decode(),
                                "inputs": [{"data": [float(v) for v in row[0]]}],
                                "outputs": [{"data": flat(o)} for o in s.run(None, {s.get_inputs()[0].name: row})]}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    carry()
