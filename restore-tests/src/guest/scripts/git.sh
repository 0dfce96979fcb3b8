# needs: git
export GIT_AUTHOR_DATE='2020-01-01 00:00:00 +0000' GIT_COMMITTER_DATE='2020-01-01 00:00:00 +0000'
export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=name GIT_AUTHOR_EMAIL=e@mail GIT_COMMITTER_NAME=name GIT_COMMITTER_EMAIL=e@mail
git init -q -b main repository
cd repository
for i in 1 2 3 4 5; do
    seq 1 "$((i * 10))" >file
    git add file
    git commit -q -m "commit $i"
done
printf '#!/bin/sh\nmiddle\n' >.git/hooks/pre-commit
chmod +x .git/hooks/pre-commit
echo more >>file
git commit -q -a -m 'with the hook'
rm .git/hooks/pre-commit
git log --format='%h %s'
git checkout -q -b side HEAD~2
echo side >other
git add other
git commit -q -m side
git merge -q main -m merge && git log --oneline --graph | head -4
git status --short
git diff --stat HEAD~1
git gc -q
git fsck --strict
git clone -q . ../clone
git -C ../clone rev-parse HEAD
git tag v1
git archive v1 | tar tf -
git blame -s file | tail -1
git stash list
git show HEAD:nothing
echo "status $?"
