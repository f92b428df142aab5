using System.Security.Cryptography;
using System.Text;

namespace Wombat.Application.Containers;

/// <summary>The SSH keys that a container should have, in the order in which they are written.</summary>
/// <param name="Keys">Each once.</param>
/// <param name="LeftOut">Those for which there was no room.</param>
internal sealed record ContainerKeys(IReadOnlyList<ContainerKey> Keys, IReadOnlyList<ContainerKey> LeftOut)
{
    /// <summary>Room for all keys of one container: what a program takes as arguments is bounded.</summary>
    public const int BytesMax = 256 * 1024;

    public IReadOnlyList<string> Lines { get; } = [.. Keys.Select(k => k.Key.ToString())];

    /// <summary>Equal for equal sets of keys.</summary>
    public string Digest { get; } =
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Keys.Select(k => k.Key.Fingerprint).Order(StringComparer.Ordinal))))
        );

    /// <summary>Takes of each owner the first key, then of each the second, so that nobody's many keys leave out others'.</summary>
    public static ContainerKeys Of(IEnumerable<ContainerKey> candidates)
    {
        var byOwner = candidates.GroupBy(k => k.OwnerId).SelectMany(g => g.Select((key, rank) => (key, rank)));
        var (kept, leftOut, size) = (new List<ContainerKey>(), new List<ContainerKey>(), 0);
        foreach (var key in byOwner.OrderBy(k => k.rank).Select(k => k.key).DistinctBy(k => k.Key.Fingerprint, StringComparer.Ordinal))
        {
            var length = key.Key.ToString().Length + 1;
            if (size + length <= BytesMax)
            {
                size += length;
                kept.Add(key);
            }
            else
            {
                leftOut.Add(key);
            }
        }

        return new ContainerKeys(kept, leftOut);
    }
}
