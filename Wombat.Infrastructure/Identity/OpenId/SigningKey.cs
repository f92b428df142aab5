using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Wombat.Infrastructure.Identity.OpenId;

/// <summary>A public key of a JSON Web Key Set (RFC 7517). Not disposed, because requests may still use it.</summary>
public sealed class SigningKey
{
    private const int MinRsaBits = 2048;

    private readonly RSA? rsa;
    private readonly ECDsa? ec;

    private SigningKey(string? id, string? algorithm, RSA? rsa, ECDsa? ec) => (Id, Algorithm, this.rsa, this.ec) = (id, algorithm, rsa, ec);

    public string? Id { get; }

    /// <summary>The algorithm that the key is restricted to; null if it is not restricted.</summary>
    public string? Algorithm { get; }

    /// <summary>Reads a key. Returns null for a key that is not for signatures, is too short, or has an unsupported type.</summary>
    public static SigningKey? Read(JsonElement key)
    {
        string? Value(string name) => ProviderJson.Text(key, name);
        byte[] Bytes(string name) =>
            Base64Url.DecodeFromChars(Value(name) ?? throw new FormatException(name)).AsSpan().TrimStart((byte)0).ToArray();
        byte[] Coordinate(string name, int size) =>
            Bytes(name) is { } bytes && bytes.Length <= size
                ? [.. new byte[size - bytes.Length], .. bytes]
                : throw new FormatException(name);
        if (key.ValueKind != JsonValueKind.Object || Value("use") is not (null or "sig"))
        {
            return null;
        }

        try
        {
            switch (Value("kty"))
            {
                case "RSA":
                    var read = RSA.Create(new RSAParameters { Modulus = Bytes("n"), Exponent = Bytes("e") });
                    return read.KeySize >= MinRsaBits ? new SigningKey(Value("kid"), Value("alg"), read, ec: null) : null;
                case "EC" when Curve(Value("crv")) is var (curve, size):
                    // Some providers omit leading zero bytes, others add one.
                    var point = new ECPoint { X = Coordinate("x", size), Y = Coordinate("y", size) };
                    return new SigningKey(
                        Value("kid"),
                        Value("alg"),
                        rsa: null,
                        ECDsa.Create(new ECParameters { Curve = curve, Q = point })
                    );
                default:
                    return null;
            }
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Whether the key has the type, and for elliptic curves the size, that the algorithm requires.</summary>
    public bool Fits(string algorithm) =>
        (Algorithm is null || Algorithm == algorithm)
        && algorithm[..2] switch
        {
            "RS" or "PS" => rsa is not null,
            "ES" => ec?.KeySize
                == algorithm switch
                {
                    "ES256" => 256,
                    "ES384" => 384,
                    _ => 521,
                },
            _ => false,
        };

    public bool Verify(string algorithm, byte[] data, byte[] signature)
    {
        var hash = algorithm[2..] switch
        {
            "256" => HashAlgorithmName.SHA256,
            "384" => HashAlgorithmName.SHA384,
            _ => HashAlgorithmName.SHA512,
        };
        return Fits(algorithm)
            && (
                ec is not null
                    ? ec.VerifyData(data, signature, hash)
                    : rsa!.VerifyData(data, signature, hash, algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1)
            );
    }

    private static (ECCurve Curve, int CoordinateSize)? Curve(string? name) =>
        name switch
        {
            "P-256" => (ECCurve.NamedCurves.nistP256, 32),
            "P-384" => (ECCurve.NamedCurves.nistP384, 48),
            "P-521" => (ECCurve.NamedCurves.nistP521, 66),
            _ => null,
        };
}
