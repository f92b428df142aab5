namespace Wombat.Application.Jobs;

/// <summary>Whole lines stored together, as the JSON array that a stream sends.</summary>
/// <param name="FirstNumber">The number of the first line.</param>
/// <param name="Count">How many lines.</param>
/// <param name="Json">A JSON array of <see cref="LogLine"/>.</param>
public sealed record LogBlock(long FirstNumber, int Count, string Json)
{
    public long LastNumber => FirstNumber + Count - 1;
}
