using System.Text.RegularExpressions;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Domain.Users;

/// <summary>A person. Never deleted, since history names them; deactivated, and then their sessions and tokens are void.</summary>
public sealed partial class User
{
    public const int LoginMin = 2;
    public const int LoginMax = 100;
    public const int EmailMax = 254;
    public const int FullNameMax = 255;
    private const char FirstFullWidth = '\uFF01';
    private const char LastFullWidth = '\uFF5E';
    private const string LoginForm = "^[a-z0-9][a-z0-9._-]{1,99}";

    /// <summary>Actors of the audit that are nobody's account.</summary>
    public static readonly IReadOnlyList<string> Reserved = [Caller.System.Name, Caller.Anonymous.Name, Caller.FirstAdmin];

    private User() { }

    public const string LoginPattern = LoginForm + "$";

    public Guid Id { get; private set; }

    /// <summary>Unique; only the directory that knows the user changes it.</summary>
    public string Login { get; private set; } = "";

    /// <summary>For mail and for people; never an identity.</summary>
    public string? Email { get; private set; }

    public string FullName { get; private set; } = "";

    public PlatformRole PlatformRole { get; private set; }

    public bool Active { get; private set; }

    /// <summary>Null where the user signs in elsewhere or not at all.</summary>
    public string? PasswordHash { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Counts the changes; the ETag of the API.</summary>
    public int Version { get; private set; }

    /// <summary>The fields that may be changed.</summary>
    public UserProfile GetProfile() => new(Email, FullName, PlatformRole, Active);

    /// <param name="passwordHash">Of a slow, salted function; never the password.</param>
    public static User Create(string login, UserProfile profile, DateTimeOffset now, string? passwordHash = null) =>
        new()
        {
            Id = Uuid7.At(now),
            Login = login,
            Email = profile.Email,
            FullName = profile.FullName,
            PlatformRole = profile.PlatformRole,
            Active = profile.Active,
            PasswordHash = passwordHash,
            CreatedAt = now,
            UpdatedAt = now,
            Version = 1,
        };

    public void Update(UserProfile profile, DateTimeOffset now)
    {
        Email = profile.Email;
        FullName = profile.FullName;
        PlatformRole = profile.PlatformRole;
        Active = profile.Active;
        Touch(now);
    }

    /// <summary>The directory calls the user something else now.</summary>
    public void Rename(string login) => Login = login;

    /// <param name="hash">Of a slow, salted function; never the password.</param>
    public void SetPassword(string hash, DateTimeOffset now)
    {
        PasswordHash = hash;
        Touch(now);
    }

    /// <summary>Whether someone may be called that: of the right form, and no name of Wombat's own in the audit.</summary>
    public static bool IsLogin(string text) => LoginRegex().IsMatch(text) && !Reserved.Contains(text, StringComparer.Ordinal);

    /// <summary>The one spelling of a login by which accounts are found: case, full width and blanks around it do not tell logins apart.</summary>
    public static string NormalizeLogin(string text) =>
        string.Create(
                text.Length,
                text,
                (result, from) =>
                {
                    for (var i = 0; i < result.Length; i++)
                    {
                        result[i] = from[i] is >= FirstFullWidth and <= LastFullWidth ? (char)(from[i] - FirstFullWidth + '!') : from[i];
                    }
                }
            )
            .Trim()
            .ToLowerInvariant();

    /// <summary>The login of somebody whom a directory or provider calls <paramref name="name"/>: of an address, the part before the @.</summary>
    public static string LoginOf(string name) => NormalizeLogin(name).Split('@')[0];

    [GeneratedRegex(LoginForm + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex LoginRegex();

    private void Touch(DateTimeOffset now)
    {
        UpdatedAt = now;
        Version++;
    }
}
