using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Wombat.TestSupport;

/// <summary>Keys of a token issuer, one RSA and one P-256: as a JSON Web Key Set and as a signer.</summary>
/// <param name="withLeadingZero">Whether x of the P-256 key begins with a zero byte, which some issuers omit.</param>
public sealed class TestKeys(string name, bool withLeadingZero = false) : IDisposable
{
    private readonly RSA rsa = RSA.Create(2048);
    private readonly ECDsa ec = NewKey(withLeadingZero);

    public string RsaId => $"{name}-rsa";

    public string EcId => $"{name}-ec";

    /// <summary>The public RSA key as PEM.</summary>
    public string PublicPem => rsa.ExportSubjectPublicKeyInfoPem();

    public JsonObject Set(bool withPrivate)
    {
        var (r, e) = (rsa.ExportParameters(withPrivate), ec.ExportParameters(withPrivate));
        var first = new JsonObject
        {
            ["kty"] = "RSA",
            ["use"] = "sig",
            ["kid"] = RsaId,
            ["alg"] = "RS256",
            ["n"] = Text(r.Modulus),
            ["e"] = Text(r.Exponent),
        };
        var second = new JsonObject
        {
            ["kty"] = "EC",
            ["use"] = "sig",
            ["kid"] = EcId,
            ["alg"] = "ES256",
            ["crv"] = "P-256",
            ["x"] = Text(e.Q.X),
            ["y"] = Text(e.Q.Y),
        };
        if (withPrivate)
        {
            foreach (var (part, value) in new[] { ("d", r.D), ("p", r.P), ("q", r.Q), ("dp", r.DP), ("dq", r.DQ), ("qi", r.InverseQ) })
            {
                first[part] = Text(value);
            }

            second["d"] = Text(e.D);
        }

        return new JsonObject { ["keys"] = new JsonArray(first, second) };
    }

    /// <summary>A token signed with the RSA key, unless the algorithm is another.</summary>
    public string Sign(JsonObject claims, string algorithm = "RS256", string? kid = null, string type = "JWT")
    {
        var header = new JsonObject
        {
            ["alg"] = algorithm,
            ["typ"] = type,
            ["kid"] = kid ?? (algorithm[0] == 'E' ? EcId : RsaId),
        };
        var data = $"{Text(header)}.{Text(claims)}";
        var bytes = Encoding.ASCII.GetBytes(data);
        var signature = algorithm switch
        {
            "none" => [],
            "HS256" => HMACSHA256.HashData(Encoding.ASCII.GetBytes(PublicPem), bytes),
            "ES256" => ec.SignData(bytes, HashAlgorithmName.SHA256),
            "PS256" => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            _ => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        };
        return $"{data}.{Text(signature)}";
    }

    /// <summary>A token signed with RS256, whatever header and claims contain.</summary>
    public string SignText(string header, string claims)
    {
        var data = $"{Text(Encoding.UTF8.GetBytes(header))}.{Text(Encoding.UTF8.GetBytes(claims))}";
        return $"{data}.{Text(rsa.SignData(Encoding.ASCII.GetBytes(data), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static ECDsa NewKey(bool withLeadingZero)
    {
        while (true)
        {
            var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            if (!withLeadingZero || key.ExportParameters(includePrivateParameters: false).Q.X![0] == 0)
            {
                return key;
            }

            key.Dispose();
        }
    }

    public void Dispose()
    {
        rsa.Dispose();
        ec.Dispose();
    }

    private static string Text(byte[]? bytes) => Base64Url.EncodeToString(bytes);

    private static string Text(JsonObject json) => Text(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
