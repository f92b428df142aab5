namespace Wombat.Bench;

internal sealed record BareNew(string Name, string UnixName, string Description, string Visibility, string[] Tags);
