namespace Wombat.Domain.Plugins;

/// <summary>What the client of a console typed, or the new size of its terminal.</summary>
/// <param name="Bytes">At most 16 KiB.</param>
/// <param name="Size">Null for no change.</param>
public readonly record struct ConsoleInput(ReadOnlyMemory<byte> Bytes, ConsoleSize? Size = null);
