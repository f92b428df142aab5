namespace Wombat.TestSupport;

/// <summary>The state of one guest of the simulated server.</summary>
public sealed partial class FakePve
{
    private sealed class Ct
    {
        public string Hostname { get; set; } = "";

        public string Description { get; set; } = "";

        public string? Tags { get; set; }

        public string? Lock { get; set; }

        public string? Memory { get; set; }

        public string? Cores { get; set; }

        /// <summary>Stands for the files of the guest.</summary>
        public string Files { get; set; } = "";

        public Dictionary<string, CtSnapshot> Snapshots { get; } = new(StringComparer.Ordinal);

        public string Digest =>
            $"{Description}|{Tags}|{Memory}|{Cores}|{Lock}|{Snapshots.Count}".GetHashCode(StringComparison.Ordinal).ToString();

        public int DiskGiB { get; set; } = 8;

        public required string Status { get; set; }

        public string Node { get; set; } = FakePve.Node;

        public bool IsTemplate { get; init; }
    }
}
