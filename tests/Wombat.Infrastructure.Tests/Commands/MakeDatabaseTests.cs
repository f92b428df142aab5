using Wombat.Infrastructure.Commands;

namespace Wombat.Infrastructure.Tests.Commands;

/// <summary>What make prints about its files.</summary>
public sealed class MakeDatabaseTests
{
    private const string Database = """
        # Variables
        fake: not a file

        # Files

        # Not a target:
        Makefile:
        #  Implicit rule search has been done.

        clean::
        #  Phony target (prerequisite of .PHONY).
        #  recipe to execute (from 'Makefile', line 9):
        	rm -f x

        clean::
        #  recipe to execute (from 'Makefile', line 12):
        	rm -f y

        with\ space: Makefile
        #  recipe to execute (from 'it's.mk', line 3):
        	true

        show: VERSION := 1
        show: a b
        #  Phony target (prerequisite of .PHONY).

        .PHONY: show

        build/a-b_c.o: src/x.c

        # files hash-table stats:
        late: x
        """;

    [Test]
    public void ReadTargets_OfADatabase_FindsFilesWithRules()
    {
        var help = new Dictionary<string, string>(StringComparer.Ordinal) { ["show"] = "the help" };
        var targets = MakeDatabase.ReadTargets(Database, help);
        Assert.That(
            targets.Select(t => (t.Name, t.Help, t.File, t.Line)),
            Is.EqualTo(
                new (string, string?, string?, int?)[]
                {
                    ("build/a-b_c.o", null, null, null),
                    ("clean", null, "Makefile", 9),
                    ("show", "the help", null, null),
                    ("with space", null, "it's.mk", 3),
                }
            )
        );
    }

    [Test]
    public void ReadHelp_OfAMakefile_TakesTheTextAfterTwoSigns()
    {
        const string Makefile = """
            VERSION := 1 ## no target
            help: show ## list the commands
            a b: ## both
            	echo x ## no target either
            page: $(PAGE)/index.html ## build the page, with a # in it
            name:=x ## nothing
            """;
        Assert.That(
            MakeDatabase.ReadHelp(Makefile),
            Is.EquivalentTo(
                new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["help"] = "list the commands",
                    ["a"] = "both",
                    ["b"] = "both",
                    ["page"] = "build the page, with a # in it",
                }
            )
        );
    }
}
