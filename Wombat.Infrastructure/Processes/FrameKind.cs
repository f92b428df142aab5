namespace Wombat.Infrastructure.Processes;

/// <summary>The content of a frame.</summary>
public enum FrameKind : byte
{
    /// <summary>Standard output, or the bytes of a terminal in both directions.</summary>
    Output = 1,

    /// <summary>Standard error.</summary>
    Error = 2,

    /// <summary>A JSON object, such as <c>{"exit":{"code":0}}</c>.</summary>
    Control = 3,
}
