namespace Wombat.Api.Tests.Resources;

/// <summary>What was requested of a probe.</summary>
/// <param name="Level">From 1 to 10.</param>
public sealed record ProbeSpec(int Level, string? Color);
