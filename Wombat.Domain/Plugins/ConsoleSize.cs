namespace Wombat.Domain.Plugins;

/// <summary>The size of a terminal in characters.</summary>
public sealed record ConsoleSize(int Rows, int Columns)
{
    public const int Min = 1;
    public const int Max = 1000;
    public const int DefaultRows = 24;
    public const int DefaultColumns = 80;

    /// <summary>Whether rows and columns are within the limits.</summary>
    public bool IsValid => Rows is >= Min and <= Max && Columns is >= Min and <= Max;
}
