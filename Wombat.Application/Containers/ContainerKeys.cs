using System.Security.Cryptography;
using System.Text;

namespace Wombat.Application.Containers;

/// <summary>The SSH keys that a container must have, in the order in which they are written.</summary>
/// <param name="Keys">The keys without duplicates.</param>
/// <param name="LeftOut">The keys that exceed the size limit.</param>
internal sealed record ContainerKeys(IReadOnlyList<ContainerKey> Keys, IReadOnlyList<ContainerKey> LeftOut)
{
    /// <summary>The maximum size of all keys of a container, because the size of a program's arguments is limited.</summary>
    public const int BytesMax = 256 * 1024;

    public IReadOnlyList<string> Lines { get; } = [.. Keys.Select(k => k.Key.ToString())];

    /// <summary>A digest that is equal for equal sets of keys.</summary>
    public string Digest { get; } =
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Keys.Select(k => k.Key.Fingerprint).Order(StringComparer.Ordinal))))
        );

    /// <summary>Takes the first key of each owner, then the second, and so on, so that one owner's many keys do not displace others.</summary>
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
