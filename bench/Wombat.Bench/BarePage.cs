namespace Wombat.Bench;

internal sealed record BarePage(IReadOnlyList<BareProject> Items);
